"""Two results held against each other: what differs between them, and what the difference comes to."""
