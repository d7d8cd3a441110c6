"""Beside the journal: the engine that says why a run is not faster, fed with what the children say.

Frames are only put aside where pipes are read; they are looked at in slices, between which pipes are read on. An
engine that fails costs its verdicts, which is said once, and never the session.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from app.conductor.record import Record, RecordClosed
from app.session.planning.plan import Plan
from app.verdicts.engine import Engine
from workloads.wire.frames import AnyFrame, Gauges, Log, Requests, Steps

WAKE_S: Final = 0.25
"""Between two looks at what was put aside; a worker sends ten times a second, the engine speaks once."""

SLICE_S: Final = 0.005
"""Of work without a pause, so that a pipe, which holds tens of milliseconds of the fastest worker, never fills."""

MOST_WAITING: Final = 20_000
"""Frames that are put aside: half a minute of what 64 ranks send. An engine that is slower than they are leaves
samples and readings out from there on, so that memory does not grow with a session; the rest is rare, and is kept."""

MOST_BYTES: Final = 8 << 20
"""Of the column of starts in those frames: it is a tenth of all that they hold. A frame of a fast worker has thousands
of rows, and so many frames of it would take gigabytes."""


class Explaining:
    """Of one session. `run()` until it is cancelled."""

    def __init__(self, plan: Plan, record: Record, make: Callable[[Plan], Engine] = Engine) -> None:
        self._record = record
        self._waiting: deque[AnyFrame] = deque()
        self._waiting_bytes = 0
        self._left_out = False
        """Whether the engine has fallen behind, which is said once."""
        self._engine: Engine | None = None
        try:
            self._engine = make(plan)
        except Exception as error:  # noqa: BLE001 - the border: see the module
            self._give_up(error)

    def hear(self, frames: Iterable[AnyFrame]) -> None:
        """What a child says; costs nothing here."""
        if self._engine is None:
            return
        if len(self._waiting) < MOST_WAITING and self._waiting_bytes < MOST_BYTES:
            for frame in frames:
                self._waiting.append(frame)
                self._waiting_bytes += _bytes(frame)
            return
        self._waiting.extend(frame for frame in frames if not isinstance(frame, Steps | Requests | Gauges))
        if not self._left_out:
            self._left_out = True
            self._warn("verdicts rest on a part of the samples: they come faster than they can be looked at")

    async def run(self) -> None:
        """Look at what was put aside, and tell what follows from it."""
        while True:
            await asyncio.sleep(WAKE_S)
            while self._work(until=time.monotonic() + SLICE_S):
                await asyncio.sleep(0)
            self._say(lambda engine: engine.look(self._record.now()))

    def end(self, run: int) -> None:
        """A run is over: its last verdicts are told before the next one begins."""
        self._work(until=None)
        self._say(lambda engine: engine.end(run, self._record.now()))

    def _work(self, *, until: float | None) -> bool:
        """Feed the engine until an instant, or with all there is → whether there is more."""
        try:
            while self._waiting and self._engine is not None:
                frame = self._waiting.popleft()
                self._waiting_bytes -= _bytes(frame)
                self._engine.feed(frame)
                if until is not None and time.monotonic() >= until:
                    break
        except Exception as error:  # noqa: BLE001 - the border: see the module
            self._give_up(error)
        return bool(self._waiting)

    def _say(self, ask: Callable[[Engine], Iterable[AnyFrame]]) -> None:
        if self._engine is None:
            return
        try:
            told = tuple(ask(self._engine))
        except Exception as error:  # noqa: BLE001 - the border: see the module
            self._give_up(error)
            return
        with contextlib.suppress(RecordClosed):
            for frame in told:
                self._record.put(frame)

    def _give_up(self, error: Exception) -> None:
        self._engine = None
        self._waiting.clear()
        self._warn(f"no verdicts from here on: working them out failed ({type(error).__name__}: {error})")

    def _warn(self, text: str) -> None:
        with contextlib.suppress(RecordClosed):
            self._record.put(Log(at_ns=self._record.now(), level="warning", origin="verdicts", text=text))


def _bytes(frame: AnyFrame) -> int:
    """Of its column of starts; 0 where it has no columns."""
    if isinstance(frame, Steps):
        return len(frame.start_ns)
    return len(frame.scheduled_ns) if isinstance(frame, Requests) else 0
