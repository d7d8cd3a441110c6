"""Load: how requests come to a server, wait, are served in batches, and are told of."""
