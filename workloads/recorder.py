"""The recorder: what the measured loop tells, sent by a thread so that the loop never waits for a pipe.

One bounded queue holds rows and frames in the order in which they happened, and one thread alone
takes from it and writes, so a Phase always stands right among the rows around it. Rows that find the
queue full are counted and left out; frames never are, for they are few.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Final, TypeVar

import msgspec

from workloads.rows import Row, pack
from workloads.wire.clock import AlignedClock
from workloads.wire.columns import length
from workloads.wire.frames import (
    AnyFrame,
    Done,
    Event,
    Gauges,
    Log,
    Overhead,
    Phase,
    PhaseName,
    Requests,
    RunStarted,
    Score,
    Steps,
)
from workloads.wire.framing import frame_bytes
from workloads.world import rank

CAPACITY: Final = 200_000
"""Rows that wait to be sent, at most: a second or two of the fastest workload."""
LOGS: Final = 1_000
"""Log lines that wait to be sent, at most."""
WAKE_S: Final = 0.1
"""Seconds between two looks at the queue; a screen shows numbers four times a second."""

_Item = TypeVar("_Item")

Write = Callable[[bytes], None]


def writer_of(descriptor: int) -> Write:
    """A function that writes whole frames to that file descriptor, however few bytes it takes at once."""

    def write(data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    return write


class Recorder:
    """Rows and frames in, bytes out. `row` and `frame` are for the workload's one thread."""

    def __init__(self, write: Write, *, capacity: int = CAPACITY, clock: AlignedClock | None = None) -> None:
        self.run = 0
        """The run that rows and frames belong to."""
        self._rank = rank()
        self.dropped = 0
        """Rows that did not fit."""
        self.turned = False
        """Whether the run has another configuration than it began with."""
        self.phase: PhaseName | None = None
        """The phase that goes on."""
        self.started: RunStarted | None = None
        """The configuration that the run has told last; with one it is past the point at which it could be skipped."""
        self._write = write
        self._capacity = capacity
        self._clock = clock
        self._queue: deque[Row | AnyFrame] = deque()
        self._logs: deque[Log] = deque()
        self._lost_logs = 0
        self._log_lock = threading.Lock()
        self._closing = threading.Event()
        self._last: tuple[AnyFrame, ...] = ()
        self._sent = 0
        self._began_ns = time.monotonic_ns()
        self._sender = threading.Thread(target=self._send_until_closed, name="sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._sender.start()

    def row(self, row: Row) -> None:
        """One step, or one request that was answered; well under a microsecond."""
        if len(self._queue) < self._capacity:
            self._queue.append(row)
        else:
            self.dropped += 1

    def late_row(self, row: Row) -> None:
        """A row that is told when nothing is measured any more: waits for room, as long as somebody makes it."""
        while len(self._queue) >= self._capacity and self._sender.is_alive():
            self._closing.wait(WAKE_S)
        self.row(row)

    def frame(self, frame: AnyFrame) -> None:
        """A frame, which is sent after every row before it and before every row after it."""
        if isinstance(frame, RunStarted):
            self.started = frame
        elif isinstance(frame, Phase):
            self.phase = frame.phase
        self._queue.append(frame)

    def aside(self, frame: Event | Gauges) -> None:
        """Something noticed beside the loop, from any thread."""
        self._queue.append(frame)

    def log(self, frame: Log) -> None:
        """A line, from any thread, in no order with the rows. What does not fit is counted, and said."""
        with self._log_lock:
            if len(self._logs) < LOGS:
                self._logs.append(frame)
            else:
                self._lost_logs += 1

    def close(self, *last: AnyFrame) -> None:
        """Send all that waits, then the last frames, and end. Called once, by the workload's thread.

        Nothing comes behind them: a line that another thread is still reading would be one about a run that is over.
        """
        self._last = last
        self._closing.set()
        self._sender.join()

    def _send_until_closed(self) -> None:
        while not self._closing.wait(WAKE_S):
            self._send_waiting()
        self._send_waiting()
        for frame in self._last:
            self._send(frame)

    def _send_waiting(self) -> None:
        for log in self._taken_logs():
            self._send(log)
        for is_row, items in groupby(_taken(self._queue), key=_is_row):
            for frame in pack(self.run, items, self._clock) if is_row else items:  # type: ignore[arg-type]
                self._send(frame)  # type: ignore[arg-type]

    def _taken_logs(self) -> list[Log]:
        with self._log_lock:
            logs, lost = list(_taken(self._logs)), self._lost_logs
            self._lost_logs = 0
        if lost:
            text = f"{lost:,} log lines left out: they came faster than they could be sent"
            logs.append(Log(at_ns=logs[-1].at_ns, level="warning", text=text))
        return logs

    def _send(self, frame: AnyFrame) -> None:
        if self._rank and _said_once(frame):
            return
        if isinstance(frame, Done):
            self._send(self._cost())
        elif isinstance(frame, Steps | Requests):
            self._sent += length(frame.samples)
        told = frame if self._clock is None else self._clock.frame(frame)
        self._write(frame_bytes(msgspec.structs.replace(told, run=self.run, rank=self._rank)))

    def _cost(self) -> Overhead:
        """What this thread has cost, whose work is benchtop's and not the workload's. Asked in this thread."""
        now = time.monotonic_ns()
        return Overhead(
            at_ns=now,
            role="worker",
            pid=os.getpid(),
            host=socket.gethostname(),
            cpu_s=time.thread_time(),
            wall_s=(now - self._began_ns) / 1e9,
            rows=self._sent,
        )


def _taken(queue: deque[_Item]) -> Iterator[_Item]:
    """What waits now, and not what comes meanwhile: taking never runs after a loop that is faster."""
    for _ in range(len(queue)):
        yield queue.popleft()


def _said_once(frame: AnyFrame) -> bool:
    """Whether it is about the run as a whole, so that rank 0 alone says it. A phase is every rank's, among its rows."""
    if isinstance(frame, Log):
        return frame.level == "info" and frame.origin not in ("stdout", "stderr")
    return isinstance(frame, RunStarted | Score)


def _is_row(item: Row | AnyFrame) -> bool:
    return isinstance(item, tuple)
