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
from app.session.plan import Plan
from app.verdicts.engine import Engine
from workloads.wire.frames import AnyFrame, Log

WAKE_S: Final = 0.25
"""Between two looks at what was put aside; a worker sends ten times a second, the engine speaks once."""

SLICE_S: Final = 0.005
"""Of work without a pause, so that a pipe, which holds tens of milliseconds of the fastest worker, never fills."""


class Explaining:
    """Of one session. `run()` until it is cancelled."""

    def __init__(self, plan: Plan, record: Record, make: Callable[[Plan], Engine] = Engine) -> None:
        self._record = record
        self._waiting: deque[AnyFrame] = deque()
        self._engine: Engine | None = None
        try:
            self._engine = make(plan)
        except Exception as error:  # noqa: BLE001 - the border: see the module
            self._give_up(error)

    def hear(self, frames: Iterable[AnyFrame]) -> None:
        """What a child says; costs nothing here."""
        if self._engine is not None:
            self._waiting.extend(frames)

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
                self._engine.feed(self._waiting.popleft())
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
        text = f"no verdicts from here on: working them out failed ({type(error).__name__}: {error})"
        with contextlib.suppress(RecordClosed):
            self._record.put(Log(at_ns=self._record.now(), level="warning", origin="verdicts", text=text))
