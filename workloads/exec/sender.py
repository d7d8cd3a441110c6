"""Frames on their way to the conductor: a bounded queue and a thread, so that nobody who listens ever waits for a pipe.

What a stalled conductor leaves no room for is counted where it is samples; every other frame is rare, or limited
where it is made.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from msgspec.structs import replace

from workloads.recorder import Write
from workloads.wire.columns import length
from workloads.wire.frames import AnyFrame, Requests, Steps
from workloads.wire.framing import frame_bytes

MOST_BYTES: Final = 32 << 20
"""That wait, before samples are left out."""
WAKE_S: Final = 0.05
"""Frames are sent together so often, at most."""


class Sender:
    """Frames in, from any thread; bytes out, in order."""

    def __init__(self, write: Write, run: int) -> None:
        self._write = write
        self._run = run
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._send, name="sender", daemon=True)
        self.dropped = 0
        """Steps and requests that were left out."""
        self.rows = 0
        """And those that were not."""

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def put(self, frame: AnyFrame) -> None:
        """One frame of the run."""
        data = frame_bytes(replace(frame, run=self._run))
        rows = length(frame.samples) if isinstance(frame, Steps | Requests) else 0
        with self._lock:
            if rows and self._bytes > MOST_BYTES:
                self.dropped += rows
                return
            self.rows += rows
            self._bytes += len(data)
            self._waiting.append(data)

    def close(self) -> None:
        """Send all that waits, and end."""
        self._closing.set()
        self._thread.join()

    def _send(self) -> None:
        while not self._closing.is_set():
            self._closing.wait(WAKE_S)
            self._send_waiting()
        self._send_waiting()

    def _send_waiting(self) -> None:
        with self._lock:
            data = b"".join(self._waiting)
            self._waiting.clear()
        if data:
            self._write(data)
            with self._lock:
                self._bytes -= len(data)
