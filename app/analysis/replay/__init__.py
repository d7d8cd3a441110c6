"""A saved session → its frames on a pipe, as they came."""
