"""One configuration over all its runs, and what its speed cost."""
