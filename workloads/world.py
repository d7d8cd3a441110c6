"""The ranks of a run: which one this process is, and how many there are. Standard library only.

Whoever starts several ranks says so in the environment, by the names that torch's own launchers use.
"""

from __future__ import annotations

import os


def rank() -> int:
    """The number of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def world_size() -> int:
    """How many ranks share the run: 1 where nobody said anything."""
    return int(os.environ.get("WORLD_SIZE", "1"))
