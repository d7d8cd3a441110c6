"""What the judge says between two runs: whether the next is needed, and what readers are warned of."""
