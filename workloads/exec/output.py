"""One stream of the command: passed on byte by byte where there is somebody to pass it to, and told as log lines.

A thread of its own, so that a command that prints is held up by whoever reads it, as without benchtop, and by nobody
else; and so that whoever does not read holds up nothing of benchtop's.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from workloads.exec.lines import Lines
from workloads.exec.open_line import OpenLine
from workloads.printed import Printed, readable
from workloads.wire.frames import Log

BURST: Final = 2_000.0
"""Log lines that pass at once: what a program says at its start or end is kept whole, a flood is not."""
LAST_WORDS: Final = 40
"""Lines that are kept for a failure's detail, whatever the log had room for."""
_CHUNK: Final = 1 << 16
_TICK_S: Final = 0.25


class Output:
    """Reads one stream to its end."""

    def __init__(
        self, origin: str, reading: int, to: int | None, told: Callable[[Log], None], line: OpenLine | None = None
    ) -> None:
        """`line`: of the place that it is passed on to, where somebody else writes there too."""
        self._reading = reading
        self._to = to
        self._line = line
        self._told = told
        self._lines = Lines()
        self._printed = Printed(origin, time.monotonic_ns(), burst=BURST)
        self._last: deque[bytes] = deque(maxlen=LAST_WORDS)
        self._thread = threading.Thread(target=self._read, name=origin, daemon=True)

    @property
    def last_words(self) -> tuple[str, ...]:
        """The last lines, once it is over."""
        return tuple(filter(None, map(readable, self._last)))

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether there may be more of it."""
        return self._thread.is_alive()

    def _read(self) -> None:
        while True:
            readable_now, _, _ = select.select((self._reading,), (), (), _TICK_S)
            now_ns = time.monotonic_ns()
            if not readable_now:
                self._tell(self._lines.tick(now_ns), now_ns)
                continue
            data = os.read(self._reading, _CHUNK)
            if not data or not self._pass_on(data):
                break
            self._tell(self._lines.feed(data, now_ns) + self._lines.tick(now_ns), now_ns)
        os.close(self._reading)
        now_ns = time.monotonic_ns()
        self._tell(self._lines.end(), now_ns)
        for log in self._printed.end(now_ns):
            self._told(log)

    def _tell(self, lines: bytes, now_ns: int) -> None:
        if lines:
            self._last.extend(lines.rsplit(b"\n", LAST_WORDS + 1)[-LAST_WORDS - 1 : -1])
        for log in self._printed.feed(lines, now_ns) if lines else self._printed.tick(now_ns):
            self._told(log)

    def _pass_on(self, data: bytes) -> bool:
        """False when nobody reads any more: the command is to notice that, as it would without us."""
        rest = memoryview(data)
        while rest and self._to is not None:
            try:
                rest = rest[os.write(self._to, rest) :]
            except BlockingIOError:
                select.select((), (self._to,), ())
            except OSError as error:
                if error.errno == errno.EPIPE:
                    return False
                with contextlib.suppress(OSError):
                    os.close(self._to)
                self._to = None  # a terminal that is gone: the command goes on, and so does its log
        if self._line is not None and self._to is not None:
            self._line.wrote(data)
        return True
