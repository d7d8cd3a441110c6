"""What listens inside a user's own PyTorch script. Standard library only, Python 3.9 and later.

Inside the script this package is called `_benchtop_hook`, so that nothing else of benchtop is within its reach; it
imports its own parts relative to itself.
"""
