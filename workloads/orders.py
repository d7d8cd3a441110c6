"""Orders: what the conductor says on stdin, and the end of the process when it says no more.

A worker must never outlive its conductor. Two things see to it: the kernel's parent-death signal,
where there is one, and this thread, which ends the process at the end of stdin whatever the workload
is doing.
"""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from workloads.aligning import Aligning
from workloads.wire.commands import SetKnob, Start, Stop, TakeProfile, Try
from workloads.wire.framing import DamagedStream, Splitter, decode_command
from workloads.world import rank, world_size

ORPHANED: Final = 113
"""Exit status of a worker whose conductor is gone."""

_PR_SET_PDEATHSIG: Final = 1

Asked = Try | TakeProfile | SetKnob
"""What can be asked of a run while it goes on."""


class Orders:
    """One Start, what is asked for meanwhile, and the wish to stop."""

    def __init__(self, descriptor: int = 0, *, orphaned: Callable[[], None] = lambda: os._exit(ORPHANED)) -> None:
        self.stopping = False
        """Whether the run is to end soon. A plain attribute: measured loops read it every step."""
        self.asked: deque[Asked] = deque()
        """What is to be tried, profiled or changed, oldest first. Measured loops look at it every step."""
        self.proposed: deque[Asked] = deque()
        """The same of the first of several ranks, until all have agreed when. What the others are told is not kept."""
        self.aligning: Aligning | None = None
        """Takes what concerns clocks, where the conductor has another one."""
        self._descriptor = descriptor
        self._orphaned = orphaned
        self._first: queue.SimpleQueue[Start | ValueError | None] = queue.SimpleQueue()
        self._splitter = Splitter()

    def wish(self) -> str:
        """The oldest that all ranks are to agree on, as text; empty: there is none."""
        return msgspec.json.encode(self.proposed[0]).decode() if self.proposed else ""

    def agreed(self, wish: str) -> None:
        """All ranks carry it out now."""
        if self.proposed:
            self.proposed.popleft()
        self.asked.append(msgspec.json.decode(wish, type=Asked))

    def listen(self) -> None:
        """Begin to read, in a thread."""
        threading.Thread(target=self._read, name="orders", daemon=True).start()

    def start(self) -> Start | None:
        """The order to start, waited for; None when Stop came first. Raises ValueError for what is none."""
        first = self._first.get()
        if isinstance(first, ValueError):
            raise first
        return first

    def stop(self) -> None:
        """Ask the run to end soon. Safe in a signal handler."""
        self.stopping = True
        self._first.put(None)
        if self.aligning is not None:
            self.aligning.give_up()

    def _read(self) -> None:
        while data := os.read(self._descriptor, 65_536):
            read_ns = time.monotonic_ns()
            try:
                for payload in self._splitter.feed(data):
                    self._obey(payload, read_ns)
            except DamagedStream as error:
                self._first.put(ValueError(f"the orders on stdin are {error}"))
        self._orphaned()

    def _obey(self, payload: bytes, read_ns: int) -> None:
        try:
            command = decode_command(payload)
        except ValueError as error:
            self._first.put(error)
            return
        if isinstance(command, Start):
            self._first.put(command)
        elif isinstance(command, Stop):
            self.stop()
        elif isinstance(command, Try | TakeProfile | SetKnob):
            if world_size() == 1:
                self.asked.append(command)
            elif rank() == 0:
                self.proposed.append(command)
        elif self.aligning is not None:
            self.aligning.obey(command, read_ns)


def named(order: Asked) -> str:
    """What was asked for, in a word; empty where it is nothing."""
    match order:
        case SetKnob():
            return f"{order.name} = {order.value}"
        case Try():
            return order.experiment
    return "a profile"


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent dies. Linux only; elsewhere the end of stdin does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def take_signals(orders: Orders) -> None:
    """SIGINT is the conductor's to judge, which gets it too; SIGTERM is Stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: orders.stop())
