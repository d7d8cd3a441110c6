"""The ranks of a run: which of them this process is, and how many there are. Standard library only.

Whoever starts several ranks says so in the environment, by the names that torch's own launchers use; where
nobody said anything there is one.
"""

from __future__ import annotations

import os


def forget_ranks() -> None:
    """Be alone: whoever started benchtop may be one of several ranks, but this process is not."""
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        os.environ.pop(name, None)


def rank() -> int:
    """The number of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    """Its number among the ranks of this host, from 0."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def world_size() -> int:
    """How many ranks share the run."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def local_world_size() -> int:
    """How many of them are on this host."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
