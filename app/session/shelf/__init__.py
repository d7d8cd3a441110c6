"""All sessions together: the rows of a list, what people say of each, and what is to become of them."""
