"""How numbers read: the one place where measurements become text. Standard library only."""
