"""The line to the listener: a bounded queue, and a thread that packs and sends what is in it four times a second.

The script's threads only append to the queue. The thread is none of `threading`'s: the script does not see it in
`threading.enumerate()`, nothing joins it at exit, and no lock of it can be held across a fork that it is not stopped
for. Nothing here imports torch.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from itertools import groupby
from typing import Any

from .messages import LONGEST_TEXT, VARIABLE, Header, Unpacker, header_of, message, packed_rows

SEND_EVERY_S = 0.25
CAPACITY = 100_000
"""Rows and messages that wait to be sent, at most."""
ROWS_A_MESSAGE = 500
"""The interpreter is held while a message is packed: about 0.1 ms for this many."""
PATIENCE_S = 2.0
"""A listener that takes nothing for so long is given up."""

STEP = (
    "start_ns",
    "wall_ns",
    "samples",
    "data_wait_ns",
    "h2d_ns",
    "forward_ns",
    "backward_ns",
    "optimizer_ns",
    "device_ns",
    "tokens",
    "comm_ns",
    "sync_ns",
    "syncs",
    "h2d_bytes",
    "pageable_bytes",
    "ahead_ns",
)
"""A row of a step is a tuple of these, in this order."""
REQUEST = ("scheduled_ns", "sent_ns", "first_ns", "done_ns", "samples", "outcome", "device_ns", "tokens", "started_ns")
"""A row of a request is a list of these, in this order, and behind them the gaps between its tokens or None."""


class Line:
    """Queue, thread and socket of one process. `put` is for the script's threads."""

    def __init__(self) -> None:
        self.every_second: list[Callable[[], None]] = []
        """Called by the thread about once a second."""
        self.every_tick: list[Callable[[], None]] = []
        """Called by it before it sends."""
        self.gather: Callable[[], None] = lambda: None
        """Called by it before all of these: puts rows of what happened on the line."""
        self.told: Callable[[Header], None] = lambda _header: None
        """Called by it with each message from the listener."""
        self.lost: Callable[[], None] = lambda: None
        """Called by it once the listener is gone."""
        self._socket: socket.socket | None = None
        self.renew()

    def renew(self) -> None:
        """Nothing is there yet: in a new process, and in the child of a fork, where the line is the parent's."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._socket = None
        self.queue: deque[Any] = deque()
        self.dropped = 0
        self.closed = False
        """Nothing is taken any more: it failed, or the listener is gone."""
        self.inference = False
        """Whether steps are passes of an inference loop."""
        self._unpacker = Unpacker()
        self._sending = _thread.allocate_lock()
        self.running = False
        """Whether the thread is there, or about to be."""
        self._over = _thread.allocate_lock()
        """Held while the thread lives."""
        self._wake = _thread.allocate_lock()
        """Released to end the thread's nap."""

    def put(self, item: Any) -> None:
        """A row of a step (tuple), a row of a request (list), or a message's header (dict)."""
        if len(self.queue) < CAPACITY:
            self.queue.append(item)
        elif not self.closed:
            self.dropped += 1
        if not self.running and self._socket is not None:
            self._start()

    def open(self) -> bool:
        """Connect, unless it was, and have the thread run → whether there is a line. OSError: there is no listener."""
        if self.closed:
            return False
        if self._socket is None:
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(PATIENCE_S)
            line.connect(os.environ[VARIABLE])
            self._socket = line
        self._start()
        return True

    def _start(self) -> None:
        if self.closed or not self._over.acquire(False):
            return  # it runs, or is about to end; whoever comes next looks again
        self.running = True
        self._wake.acquire(False)
        _thread.start_new_thread(self._run, ())

    def pause(self) -> None:
        """End the thread, and leave the line as it is: the process is about to fork."""
        if self.running:
            self.running = False
            with contextlib.suppress(RuntimeError):
                self._wake.release()
            if self._over.acquire(timeout=PATIENCE_S):
                self._over.release()

    def close(self, last: Header | None = None) -> None:
        """Send what there is, `last` behind it, and end. Never raises."""
        if self.closed:
            return
        self.pause()
        if last is not None:
            self.queue.append(last)
        with contextlib.suppress(OSError):
            self._send()
        self.closed = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _run(self) -> None:
        try:
            beat = 0
            while self.running:
                self._wake.acquire(timeout=SEND_EVERY_S)
                self.gather()
                for call in self.every_tick:
                    call()
                if beat % 4 == 0:
                    for call in self.every_second:
                        call()
                beat += 1
                self._send()
                self._hear()
        except OSError:
            self._lose()
        except Exception as error:  # the script must not see it
            self._complain(error)
            self._lose()
        finally:
            self.running = False
            self._over.release()

    def _lose(self) -> None:
        self.closed = True
        self.queue.clear()
        self.lost()

    def _complain(self, error: Exception) -> None:
        said = gave_up(error)
        try:
            assert self._socket is not None
            self._socket.sendall(message(said))
        except Exception:
            complain(said["text"])

    def _send(self) -> None:
        line, queue = self._socket, self.queue
        if line is None:
            return
        with self._sending:
            items = [queue.popleft() for _ in range(len(queue))]
            parts: list[bytes] = []
            for kind, group in groupby(_sorted(items), key=type):
                alike = list(group)
                if kind is dict:
                    parts += [message(header) for header in alike]
                    continue
                for first in range(0, len(alike), ROWS_A_MESSAGE):
                    parts += self._packed(alike[first : first + ROWS_A_MESSAGE])
            if parts:
                line.sendall(b"".join(parts))

    def _packed(self, rows: list[Any]) -> list[bytes]:
        """Rows of one kind → a message; where not all have the same columns, one for each stretch that has."""
        try:
            return [self._packed_alike(rows)]
        except TypeError:
            return [self._packed_alike(list(group)) for _, group in groupby(rows, key=_shape)]

    def _packed_alike(self, rows: list[Any]) -> bytes:
        if type(rows[0]) is tuple:
            more = {"inference": True} if self.inference else {}
            return packed_rows("steps", STEP, rows, more=more)
        if rows[0][-1] is None and any(row[-1] is not None for row in rows):
            raise TypeError("itl_ns")
        gaps = None if rows[0][-1] is None else [gap for row in rows for gap in row[-1]]
        return packed_rows("requests", REQUEST, [row[:-1] for row in rows], gaps)

    def _hear(self) -> None:
        line = self._socket
        if line is None:
            return
        line.setblocking(False)
        try:
            data = line.recv(1 << 16)
        except BlockingIOError:
            return
        finally:
            line.settimeout(PATIENCE_S)
        if not data:
            raise ConnectionResetError
        for head, _ in self._unpacker.feed(data):
            self.told(header_of(head))


def _sorted(items: list[Any]) -> list[Any]:
    """Between two messages, requests before steps: an inference loop makes them in turn."""
    if set(map(type, items)) == {tuple}:
        return items
    found: list[Any] = []
    steps: list[Any] = []
    for item in items:
        if type(item) is tuple:
            steps.append(item)
            continue
        if type(item) is dict:
            found += steps
            steps.clear()
        found.append(item)
    return found + steps


def _shape(item: Any) -> tuple[bool, ...]:
    return tuple(value is None for value in item)


def gave_up(error: BaseException) -> Header:
    """What is said when the hook fails: the script goes on without it."""
    text = f"benchtop's hook gave up in process {os.getpid()}: {error!r}"[:LONGEST_TEXT]
    return {"kind": "log", "at_ns": time.monotonic_ns(), "level": "error", "text": text, "failed": True}


def complain(text: str) -> None:
    """One line on stderr, where there is one: there is nobody else to tell."""
    with contextlib.suppress(Exception):
        sys.stderr.write(text + "\n")
