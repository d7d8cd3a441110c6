"""Small sessions of every version of their files, and what made them."""
