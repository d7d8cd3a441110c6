"""A comparison drawn: one panel a file, each from the pair that is shown to rows of cells. Pure."""
