"""What the sampler's process does to itself before it imports anything that may print.

Frames own the real stdout; whatever else prints goes to stderr. And the kernel ends the process when
its parent ends, however that happens, so that no sampler outlives its session.
"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def claim_stdout() -> int:
    """Move stdout away → the file descriptor for frames; file descriptor 1 is stderr from here on."""
    frames = os.dup(1)
    os.dup2(2, 1)
    return frames


def end_with_parent() -> None:
    """Ask the kernel for SIGKILL when the parent ends: nothing that hangs in a driver can miss it."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def write_all(file: int, data: bytes) -> None:
    """Write all of it, waiting for the reader. Raises BrokenPipeError when there is none."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
