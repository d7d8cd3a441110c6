"""What a program writes, cut into the lines that a person saw: progress bars once in a while, not at every turn.

A line that is written over again and again (carriage returns) is told when it is finished, and while it goes on now
and then. A line that is not finished is told once nothing was added for a while; what is added later is told by
itself. Bytes in any cut, whole lines out, memory bounded.
"""

from __future__ import annotations

from typing import Final

STILL_NS: Final = 1_000_000_000
"""An unfinished line that stands still for so long is told."""
NOW_AND_THEN_NS: Final = 5_000_000_000
"""One that keeps changing is told so often."""
LONGEST: Final = 8_192
"""Bytes of an unfinished line that are kept."""


class Lines:
    """One stream."""

    def __init__(self) -> None:
        self._line = b""
        """The unfinished line, as it stands."""
        self._told = b""
        """What of it was told: its beginning, or a state that it had before."""
        self._changed_ns = 0
        self._told_ns = 0

    def feed(self, data: bytes, now_ns: int) -> bytes:
        """The next bytes → the lines that are finished now, each with its end."""
        whole, newline, rest = (self._line + data).rpartition(b"\n")
        finished = b""
        if newline:
            finished = whole + b"\n"
            if b"\r" in finished:
                finished = b"".join(_seen(line.rstrip(b"\r")) + b"\n" for line in whole.split(b"\n"))
            finished = self._untold(finished)
            self._told, self._told_ns = b"", now_ns
        elif not self._line:
            self._told_ns = now_ns
        # A `\r` at the very end may be half of a line's end.
        self._line = (_seen(rest) if b"\r" in rest else rest)[-LONGEST:]
        self._changed_ns = now_ns
        return finished

    def tick(self, now_ns: int) -> bytes:
        """Time passes: what the unfinished line says that was not told yet, where it is time."""
        line = self._line.rstrip(b"\r")
        if not line or line == self._told:
            return b""
        if now_ns - self._changed_ns < STILL_NS and now_ns - self._told_ns < NOW_AND_THEN_NS:
            return b""
        said = self._untold(line) + b"\n"
        self._told, self._told_ns = line, now_ns
        return said

    def end(self) -> bytes:
        """The stream is over: the rest of the unfinished line."""
        line, self._line = self._line.rstrip(b"\r"), b""
        return b"" if not line or line == self._told else self._untold(line) + b"\n"

    def _untold(self, text: bytes) -> bytes:
        """What is new in it: a beginning that was told is not told again."""
        return text.removeprefix(self._told) if self._told else text


def _seen(line: bytes) -> bytes:
    """A line that was written over → what stands there in the end, marked where it will be written over."""
    pieces = line.split(b"\r")
    last = next((piece for piece in reversed(pieces) if piece), b"")
    return last if pieces[-1] else last + b"\r"
