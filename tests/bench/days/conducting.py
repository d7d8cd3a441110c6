"""The conductor of a run of days: a real one, whose clock is that of the readings that it is given."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from functools import partial
from unittest import mock

from app.conductor import __main__ as conductor
from app.conductor import session
from app.conductor.explaining import Explaining
from app.conductor.record import Record
from app.conductor.rolling import Rolling
from app.session.store.folder import SessionFolder
from workloads.wire.frames import AnyFrame, Gauges

ITSELF = (sys.executable, "-P", "-m", "tests.bench.days")


class Clock:
    """The newest instant of which there is a reading: one comes at every simulated second."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        """Nanoseconds."""
        return self.now_ns


def main(folder: SessionFolder) -> int:
    """Run the plan → exit status."""
    clock = Clock()

    class Told(Explaining):
        """Looks for verdicts at every simulated second: in real time a hundred of them go by between two looks."""

        def hear(self, frames: Iterable[AnyFrame]) -> None:
            for frame in frames:
                super().hear((frame,))
                if isinstance(frame, Gauges) and frame.at_ns > clock.now_ns:
                    clock.now_ns = frame.at_ns
                    self._work(until=None)
                    self._say(lambda engine: engine.look(clock.now_ns))

    async def finish(of: SessionFolder) -> None:
        process = await asyncio.create_subprocess_exec(*ITSELF, "finish", "--by-conductor", str(of.path))
        await process.wait()

    with (
        mock.patch.object(sys, "argv", ["conductor", str(folder.path)]),
        mock.patch.object(conductor, "Record", partial(Record, clock=clock)),
        mock.patch.object(conductor, "_finish", finish),
        mock.patch.object(session, "Explaining", Told),
        mock.patch.object(session, "Rolling", partial(Rolling, command=(*ITSELF, "roll"))),
    ):
        return conductor.main()
