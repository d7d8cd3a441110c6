"""How the last line of the command's output stands, where somebody else writes to the same place.

The listener writes the output, whoever started the session writes lines about it: a file of one byte between the two
processes says whether such a line would land in the middle of one of the command's. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
from typing import Final

_WHOLE: Final = b"\0"
"""Nothing stands in the last line."""
_BEGUN: Final = b"\1"
_REDRAWN: Final = b"\2"
"""It begins anew with `\\r`, as a progress bar does."""

ERASED: Final = "\r\x1b[K"
"""A terminal's way to the beginning of an empty line (ECMA-48, erase in line)."""


def is_same_place(one: int, other: int) -> bool:
    """Whether two descriptors lead to the same terminal, pipe or file."""
    try:
        return os.path.samestat(os.fstat(one), os.fstat(other))
    except OSError:
        return False


class OpenLine:
    """One place that both write to."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor`: of a file that both have open."""
        self._descriptor = descriptor
        self._last = _WHOLE

    def wrote(self, data: bytes) -> None:
        """The command wrote this there."""
        _, newline, tail = data.rpartition(b"\n")
        if b"\r" in tail or (not newline and self._last == _REDRAWN):
            self._last = _REDRAWN
        elif tail:
            self._last = _BEGUN
        else:
            self._last = _WHOLE
        with contextlib.suppress(OSError):  # a full disk: the line is not known, and output goes on
            os.pwrite(self._descriptor, self._last, 0)

    def leave(self, *, terminal: bool) -> str:
        """What to write before a line of one's own, so that it has its line to itself; the line counts as written.

        A bar on a terminal gives way, since it will be drawn again; else the begun line stays, and ends here.
        """
        stands = os.pread(self._descriptor, 1, 0)
        if stands in (b"", _WHOLE):
            return ""
        with contextlib.suppress(OSError):
            os.pwrite(self._descriptor, _WHOLE, 0)
        return ERASED if terminal and stands == _REDRAWN else "\n"
