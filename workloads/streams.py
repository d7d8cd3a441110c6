"""Moves the real stdout away, and turns what is printed afterwards into log frames.

From the first line of a worker, file descriptors 1 and 2 are pipes that a thread reads, so a print of
a library, of C code or of a child never meets the frames. The thread always reads on: a workload that
prints is never held up by a stream that is slow.
"""

from __future__ import annotations

import os
import selectors
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from workloads.printed import Printed
from workloads.wire.frames import Log

_CHUNK: Final = 65_536
_TICK_S: Final = 0.25
_LAST_WORDS_S: Final = 1.0


class Streams:
    """The two streams of this process, caught. Made once, before anything is imported that may print."""

    def __init__(self, wire: int | None = None) -> None:
        self.wire = os.dup(1) if wire is None else wire
        """Where frames go: what stdout was, or the line that is there in its place."""
        self.errors = os.dup(2)
        """What stderr was: for the interpreter's last words when it crashes."""
        self._selector = selectors.DefaultSelector()
        for descriptor, origin in ((1, "stdout"), (2, "stderr")):
            self._catch(descriptor, origin)
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
        self._told: Callable[[Log], None] = _forget
        self._reader = threading.Thread(target=self._read, name="printed", daemon=True)

    def read(self, told: Callable[[Log], None]) -> None:
        """Begin to read, in a thread, and tell each line."""
        self._told = told
        self._reader.start()

    def close(self) -> None:
        """Let go of both pipes and hand on what is left in them. A child that still holds one is not waited for."""
        sys.stdout.flush()
        sys.stderr.flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        self._reader.join(_LAST_WORDS_S)

    def _catch(self, descriptor: int, origin: str) -> None:
        reading, writing = os.pipe()
        os.dup2(writing, descriptor)
        os.close(writing)
        self._selector.register(reading, selectors.EVENT_READ, Printed(origin, time.monotonic_ns()))

    def _read(self) -> None:
        while streams := self._selector.get_map():
            for key, _ in self._selector.select(_TICK_S):
                self._take(key.fd, key.data)
            for key in streams.values():
                self._tell(key.data.tick(time.monotonic_ns()))

    def _take(self, descriptor: int, printed: Printed) -> None:
        data = os.read(descriptor, _CHUNK)
        if data:
            self._tell(printed.feed(data, time.monotonic_ns()))
            return
        self._selector.unregister(descriptor)
        self._tell(printed.end(time.monotonic_ns()))

    def _tell(self, logs: Iterable[Log]) -> None:
        for log in logs:
            self._told(log)


def _forget(_: Log) -> None:
    """Nobody listens yet; nothing is read until somebody does."""
