"""A limit of memory for a process that reads a session: one from a stranger must not take all that the machine has.

What is small on disk and large in memory is damaged or meant to harm; what is large on disk may need as much and more.
So the limit grows with the files that are read. It is one of data (RLIMIT_DATA), not of addresses: thread pools and
allocators reserve far more of these than they use. Who asks for more than that gets MemoryError, or is ended.
"""

from __future__ import annotations

import os
import resource
from typing import Final

BASE_BYTES: Final = 768 << 20
CORE_BYTES: Final = 64 << 20
"""Stacks and buffers of the threads that libraries start for every processor."""
PER_BYTE: Final = 8
"""Compressed columns are a fifth to a tenth of what they are in memory."""

_limited = False


def limit_memory() -> None:
    """From here on this process, and what it starts, reads sessions and does nothing else."""
    global _limited  # noqa: PLW0603 - a limit is of the process
    _limited = True
    _set(BASE_BYTES + CORE_BYTES * (os.cpu_count() or 1))


def allow_for(size_bytes: int) -> None:
    """Files of this size are read too; nothing happens in a process without a limit."""
    if _limited:
        _set(resource.getrlimit(resource.RLIMIT_DATA)[0] + PER_BYTE * size_bytes)


def _set(wanted: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
