"""Frames of a session → the run that each belongs to, and what all runs share: the machine, and what probes reached."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from app.session.planning.plan import Plan
from app.session.roofs.roofline import Measured
from app.verdicts.gathering.probes import known_rooflines
from app.verdicts.gathering.run import MOST_RANKS, RunGathering
from app.verdicts.window import Window
from workloads.wire.frames import (
    AnyFrame,
    DeviceFacts,
    Done,
    Event,
    Fingerprint,
    Gauges,
    Hello,
    Phase,
    Requests,
    RunStarted,
    Steps,
)

MOST_DEVICES: Final = 4_096
"""Whose facts are kept; a stranger's journal could name any number."""


class Gathering:
    """Of one session."""

    def __init__(self, plan: Plan) -> None:
        self._plan = {planned.run: planned for planned in plan.runs}
        self._earlier = plan.rooflines
        self._hosts = plan.hosts
        self._rooflines = plan.rooflines
        """What probes measured, of this session before earlier ones."""
        self._measured: list[Measured] = []
        self._facts: dict[str, DeviceFacts] = {}
        self._prefixes: dict[str, str] = {}
        """Host → what stands before the names of its devices; nothing for the first."""
        self._machine: Fingerprint | None = None
        """What the sampler of the first host says of it."""
        self._runs: dict[int, RunGathering] = {}
        self._going: RunGathering | None = None
        self._over: set[int] = set()

    @property
    def going(self) -> RunGathering | None:
        """The run that goes on."""
        return self._going

    def feed(self, frame: AnyFrame) -> None:
        """Take one frame."""
        match frame:
            case Gauges():
                if self._going is not None:
                    self._going.take_gauges(frame)
            case Hello() if frame.role == "sampler":
                self._take_machine(frame)
            case Hello() if frame.role == "worker":
                run = self._run(frame.run)
                if run is not None and len(run.workers) < MOST_RANKS:
                    run.workers.setdefault(frame.rank, frame)
                    # Of a script it is a later Hello, of its own interpreter, that knows.
                    run.torch_threads = frame.fingerprint.torch_threads or run.torch_threads
            case Steps() | Requests():
                run = self._run(frame.run)
                if run is not None:
                    with suppress(ValueError, OverflowError, LookupError):  # columns that are not sound
                        run.take_samples(frame)
            case RunStarted() | Phase() | Event():
                run = self._run(frame.run)
                if run is not None:
                    run.take(frame)
            case Done() if not frame.rank and self._going is not None and frame.run == self._going.number:
                self._going.end(frame.at_ns)

    def forget(self, run: int) -> None:
        """Nobody will ask for it any more."""
        known = self._runs.pop(run, None)
        self._over.add(run)
        if known is not None and (probed := known.probed(self._hosts)):
            self._measured += probed
            self._rooflines = known_rooflines(self._measured, self._earlier)
        if self._going is not None and self._going.number == run:
            self._going = None

    def window(
        self, run: RunGathering, now_ns: int, *, whole: bool = False, standing: frozenset[str] = frozenset()
    ) -> Window:
        """The numbers of a run up to now; `whole`: of all that it measured."""
        return run.window(
            now_ns,
            whole=whole,
            standing=standing,
            machine=self._machine,
            facts=self._facts,
            prefixes=self._prefixes,
            rooflines=self._rooflines,
        )

    def _run(self, number: int) -> RunGathering | None:
        """A run of the plan. The newest that speaks is the one that goes on."""
        planned = self._plan.get(number)
        if planned is None or number in self._over:
            return None
        run = self._runs.get(number)
        if run is None:
            run = self._runs[number] = self._going = RunGathering(planned)
        return run

    def _take_machine(self, hello: Hello) -> None:
        for facts in hello.fingerprint.devices:
            if facts.device in self._facts or len(self._facts) < MOST_DEVICES:
                self._facts[facts.device] = facts
            node, colon, _ = facts.device.rpartition(":")
            self._prefixes[hello.host] = node + colon
        if self._machine is None:
            self._machine = hello.fingerprint
