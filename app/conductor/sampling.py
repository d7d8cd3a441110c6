"""Keeps a sampler alive for as long as the session lasts.

A driver can hang and a sampler can die: it is then started again, and the gap becomes a finding. The
session never waits for it and never ends because of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from app.conductor.alignment import Alignment, NotAligned
from app.conductor.child import Child
from app.conductor.record import Record, RecordClosed
from app.session.planning.plan import Plan
from app.session.planning.via import Place
from workloads.wire.commands import Watch
from workloads.wire.frames import AnyFrame, Finding, Gauges, Log

SILENCE_S = 10.0
"""No reading for this long: the sampler hangs. A slow driver call takes milliseconds, a reset of a device seconds."""

SILENCE_BEHIND_S = 30.0
"""The same on another host: a slow line takes its time to be there."""

PASSED_ON_S = 1.0
"""A command in front of a sampler has this long to pass the end of stdin on, and to end."""

RESTARTS = 5
"""A sampler that fails this often without one reading in between is left alone."""


class Sampling:
    """Runs the sampler until it is cancelled."""

    def __init__(
        self,
        place: Place,
        plan: Plan,
        record: Record,
        silence_s: float = SILENCE_S,
        *,
        told: Callable[[list[AnyFrame]], None] | None = None,
    ) -> None:
        """`told` gets every frame, decoded."""
        self._command = place.command
        self._via = place.via
        self._record = record
        self._silence_s = max(silence_s, 4 / plan.telemetry_hz, SILENCE_BEHIND_S if place.via else 0.0)
        self._alignment: Alignment | None = None
        self._told = told
        self.hear: Callable[[Gauges], None] | None = None
        """Is given every reading, while there is somebody who listens."""
        self.failed = asyncio.Event()
        """Set once a sampler ended without a reading: what keeps one from it is not over in a moment."""
        self._watched = Watch(run=0, pids=())
        self._child: Child | None = None
        self._read = asyncio.Event()

    async def watch(self, run: int, pids: tuple[int, ...], *, above: int = 0) -> None:
        """These are the workload's own processes from now on, but for so many generations of them."""
        self._watched = Watch(run=run, pids=pids, above=above)
        if self._child is not None:
            await self._child.send(self._watched)

    async def run(self) -> None:
        """Start it, and again whenever it falls silent or dies; ends it when cancelled. Raises RecordClosed."""
        failures = 0
        while failures < RESTARTS:
            reason, had_readings = await self._one()
            failures = 1 if had_readings else failures + 1
            if not had_readings:
                self.failed.set()
            again = failures < RESTARTS
            self._record.put(
                Finding(
                    at_ns=self._record.now(),
                    kind="telemetry-gap",
                    message=f"{reason}; {'started again' if again else 'no telemetry from here on'}",
                    remedy="readings are missing for a while; `benchtop doctor` tries every reading once",
                )
            )
            await asyncio.sleep(min(failures, 5) * 0.2)

    async def _one(self) -> tuple[str, bool]:
        """One sampler from start to end → why it ended, and whether it gave any reading."""
        had_readings = False
        self._alignment = Alignment("sampler", self._record) if self._via else None
        try:
            child = await Child.start(self._command, self._take, self._say)
        except OSError as error:
            return f"the sampler could not be started ({error.strerror}: {self._command[0]})", False
        ended = asyncio.ensure_future(child.wait())
        talking = asyncio.ensure_future(self._talk(child))
        try:
            while True:
                self._read.clear()
                reading = asyncio.ensure_future(self._read.wait())
                done, _ = await asyncio.wait(
                    (ended, reading), timeout=self._silence_s, return_when=asyncio.FIRST_COMPLETED
                )
                reading.cancel()
                if self._record.failure is not None:
                    raise RecordClosed(self._record.failure)
                if ended in done:
                    said = f": {child.stderr[-1]}" if self._via and child.stderr else ""
                    return child.damage or f"the sampler ended with status {ended.result()}{said}", had_readings
                if not done:
                    return f"the sampler gave no reading for {self._silence_s:.0f} s", had_readings
                had_readings = True
        finally:
            talking.cancel()
            child.close_stdin()
            if self._via:
                await child.end(ended, PASSED_ON_S)
            child.kill()
            await asyncio.shield(ended)
            self._child = None

    async def _talk(self, child: Child) -> None:
        """All that it is told while it runs."""
        with contextlib.suppress(RecordClosed):
            if self._alignment is not None:
                try:
                    await self._alignment.begin(child)
                except NotAligned:
                    child.kill()
                    return
            self._child = child
            await child.send(self._watched)
            if self._alignment is not None:
                await self._alignment.keep(child)

    def _take(self, data: bytes, frames: list[AnyFrame]) -> None:
        if self._alignment is not None:
            data, frames = self._alignment.take(data, frames)
        with contextlib.suppress(RecordClosed):
            self._record.put_bytes(data)
        readings = [frame for frame in frames if isinstance(frame, Gauges)]
        if self._record.failure is not None or readings:
            self._read.set()
        if self._told is not None:
            self._told(frames)
        if self.hear is not None:
            for frame in readings:
                self.hear(frame)

    def _say(self, line: str) -> None:
        with contextlib.suppress(RecordClosed):
            self._record.put(Log(at_ns=self._record.now(), text=line, level="warning", origin="sampler"))
