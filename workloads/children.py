"""The processes that one has started, as the kernel lists them. Linux; elsewhere there are none."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_CHUNK: Final = 1 << 16


def children_of(pid: int, proc: Path = _PROC) -> list[int]:
    """Zombies are among them. Each thread has its own list, since any of them can start a process."""
    found: list[int] = []
    tasks = f"{proc}/{pid}/task"
    with contextlib.suppress(OSError):
        for thread in os.listdir(tasks):  # noqa: PTH208 - names are wanted, many times a second
            with contextlib.suppress(OSError):
                found += map(int, _read(f"{tasks}/{thread}/children").split())
    return found


def _read(path: str) -> bytes:
    """The kernel gives such a file a page at a time."""
    file, found = os.open(path, os.O_RDONLY | os.O_CLOEXEC), b""
    try:
        while data := os.read(file, _CHUNK):
            found += data
        return found
    finally:
        os.close(file)
