"""The streams of this process, for a command of the user's that is to have them though it is started elsewhere."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def program_streams(only_errors: bool) -> Iterator[tuple[int, int, int]]:
    """Copies of stdin, stdout and stderr while the block lasts; with `only_errors` stderr in the place of stdout."""
    streams = tuple(map(_copy, (0, 2 if only_errors else 1, 2)))
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
