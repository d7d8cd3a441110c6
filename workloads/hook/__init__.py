"""What listens inside a user's own PyTorch script. Standard library only, Python 3.9 and later.

Inside the script this package is called `_benchtop_hook`, so that nothing else of benchtop is within its reach; it
imports its own parts relative to itself.

It comes in by `sitecustomize`, so a Python that is told to look at no environment or no site (`-E`, `-I`, `-S`) is not
listened to. A process that ends at once (`os._exit`, a signal) has told all but the last quarter of a second.
"""
