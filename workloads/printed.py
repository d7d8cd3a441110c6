"""What a workload prints, as a bounded number of log frames.

Takes bytes in any cut and gives lines. A workload that prints megabytes costs the stream little: a
bucket of lines a second goes through, the rest is counted, and a line says how many were left out.
Nothing here reads or writes, and memory never grows with what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from workloads.allowance import Allowance
from workloads.wire.frames import Log

LONGEST_LINE: Final = 2_000
"""Characters of a line that are kept."""
BURST: Final = 200
"""Lines that pass at once, unless a stream says otherwise."""
LINES_PER_S: Final = 50
"""Lines a second that pass for as long as it lasts."""

_LONGEST_BYTES: Final = LONGEST_LINE * 4
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def readable(line: bytes) -> str:
    """A printed line → text that cannot disturb a terminal, cut at LONGEST_LINE characters."""
    text = _ESCAPES.sub("", line[: _LONGEST_BYTES + 1].decode(errors="replace").expandtabs(4))
    text = _CONTROLS.sub("", text).rstrip()
    return text if len(text) <= LONGEST_LINE and len(line) <= _LONGEST_BYTES else text[:LONGEST_LINE] + " …"


class Printed:
    """One stream, `stdout` or `stderr`, of one run."""

    def __init__(self, origin: str, now_ns: int, *, burst: float = BURST) -> None:
        """It begins now; so many lines pass at once."""
        self._origin = origin
        self._allowance = Allowance(burst, LINES_PER_S, now_ns)
        self._partial = bytearray()
        self._left_out = 0
        self._said_ns = now_ns

    def feed(self, data: bytes, now_ns: int) -> Iterator[Log]:
        """The next bytes → the lines that are whole now, as far as they pass."""
        yield from self.tick(now_ns)
        *lines, rest = _LINE_END.split(self._partial + data)
        self._partial = bytearray(rest[: _LONGEST_BYTES + 1])
        for place, line in enumerate(lines):
            if self._allowance.is_spent(now_ns):
                self._left_out += len(lines) - place
                return
            if line.strip():
                self._allowance.take(now_ns)
                yield self._log(readable(line), now_ns)

    def tick(self, now_ns: int) -> Iterator[Log]:
        """Time passes: what was left out is said, once a second at most."""
        if self._left_out and now_ns - self._said_ns >= 1_000_000_000:
            yield self._say_left_out(now_ns)

    def end(self, now_ns: int) -> Iterator[Log]:
        """The stream is over: its last line, and what was left out."""
        if self._partial.strip():
            yield self._log(readable(bytes(self._partial)), now_ns)
            self._partial.clear()
        if self._left_out:
            yield self._say_left_out(now_ns)

    def _say_left_out(self, now_ns: int) -> Log:
        count, self._left_out, self._said_ns = self._left_out, 0, now_ns
        lines = "1 line" if count == 1 else f"{count:,} lines"
        return Log(at_ns=now_ns, level="warning", origin=self._origin, text=f"{lines} left out: too many to keep")

    def _log(self, text: str, now_ns: int) -> Log:
        return Log(at_ns=now_ns, origin=self._origin, text=text)
