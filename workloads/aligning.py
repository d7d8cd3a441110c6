"""Aligning: how a worker on another host takes part in measuring how far its clock is from the conductor's.

Pings are answered by the thread that reads orders, in the midst of whatever is measured, and never from the
measured loop. A Pong does not wait in the queue of samples: it is written between two frames, and stamped
when nothing is left to do but to write it. What the line takes after that is in the round trip, and so in
the error.
"""

from __future__ import annotations

import queue
import select
import socket
import threading
import time
from typing import Final

from workloads.recorder import Write
from workloads.wire.clock import AlignedClock
from workloads.wire.commands import AnyCommand, Ping, SetClock
from workloads.wire.frames import Pong
from workloads.wire.framing import frame_bytes

PATIENCE_S: Final = 0.2
"""A Ping that finds the line busy for longer stays unanswered: such a round trip would be of no use."""


class Aligning:
    """The clock, and the writing end of the wire, which the sender of samples shares with the answers."""

    def __init__(self, write: Write, descriptor: int) -> None:
        self.clock = AlignedClock()
        self._write = write
        self._host = socket.gethostname()
        self._first: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._room = select.poll()
        self._room.register(descriptor, select.POLLOUT)

    def write(self, data: bytes) -> None:
        """Write a whole frame."""
        with self._lock:
            self._write(data)

    def obey(self, command: AnyCommand, read_ns: int) -> None:
        """What concerns clocks, done; `read_ns` is when the command was read."""
        if isinstance(command, Ping):
            self._answer(command, read_ns)
        elif isinstance(command, SetClock):
            self.clock.set(command.offset_ns, time.monotonic_ns())
            self._first.put(True)

    def wait(self) -> bool:
        """Until the clock is set for the first time; False when that was given up."""
        return self._first.get()

    def give_up(self) -> None:
        """The run is not to begin any more. Safe in a signal handler."""
        self._first.put(False)

    def _answer(self, ping: Ping, read_ns: int) -> None:
        if not self._lock.acquire(timeout=PATIENCE_S):
            return
        try:
            # A pipe with room takes a Pong at once. Waiting for room would keep this thread from the end of stdin.
            if self._room.poll(0):
                pong = Pong(sent_ns=ping.sent_ns, received_ns=read_ns, replied_ns=time.monotonic_ns(), host=self._host)
                self._write(frame_bytes(pong))
        finally:
            self._lock.release()
