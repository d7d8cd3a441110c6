"""Reading small files of /proc and /sys: a third of the cost of `open`, which counts at every reading."""

from __future__ import annotations

import os

LARGEST = 1 << 16


def read_small(path: str) -> str:
    """A file of at most 64 KiB. Raises OSError."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, LARGEST).decode("utf-8", "replace")
    finally:
        os.close(file)
