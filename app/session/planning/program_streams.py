"""The streams of this process, for a command of the user's that is to have them though it is started elsewhere."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def program_streams(only_errors: bool) -> Iterator[tuple[int, int, int, int]]:
    """Copies of stdin, stdout and stderr while the block lasts; with `only_errors` stderr in the place of stdout.

    The last is of a file that tells how the program's last line on stderr stands: see `workloads.exec.open_line`.
    """
    streams = (*map(_copy, (0, 2 if only_errors else 1, 2)), _shared())
    try:
        yield streams  # type: ignore[misc]
    finally:
        for stream in streams:
            os.close(stream)


def _copy(stream: int) -> int:
    try:
        return os.dup(stream)
    except OSError:  # whoever called closed it
        return os.open(os.devnull, os.O_RDWR)


def _shared() -> int:
    """An empty file that other processes can be given, in memory where the system has such."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("benchtop")
    with tempfile.TemporaryFile(buffering=0) as file:
        return os.dup(file.fileno())
