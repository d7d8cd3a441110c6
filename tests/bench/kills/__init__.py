"""Sessions whose processes are killed, and whose journals are damaged, at random; see `__main__`."""
