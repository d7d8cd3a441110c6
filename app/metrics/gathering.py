"""Frames of a session that goes on → its sums. Memory does not grow with its length."""

from __future__ import annotations

from itertools import compress
from math import isfinite
from operator import not_, sub
from typing import Final

from app.metrics.sums import OUTCOMES, PARTS, Key, Place, RequestSums, RunSums, StepSums, Sums
from app.session.live.devices import CURRENT_NS
from app.session.planning.plan import Plan
from app.session.results.titles import titles
from workloads.wire.columns import unpack, unpack_integers
from workloads.wire.frames import (
    AnyFrame,
    Done,
    Failure,
    Gauges,
    Hello,
    Phase,
    Requests,
    RunStarted,
    Score,
    Steps,
    Verdicts,
)
from workloads.wire.gauges import GAUGES

MOST_SERIES: Final = 20_000
"""Of each kind that are kept; more has only a journal that comes from a stranger."""


class Gathering:
    """The sums of one session."""

    def __init__(self, session: str, plan: Plan) -> None:
        called = titles(plan.runs)
        self.sums = Sums(session, benchtop=plan.benchtop)
        self.sums.runs = {run.run: RunSums(run.workload, called[run.run]) for run in plan.runs}
        self._phases: dict[tuple[int, int], str] = {}
        self._read_ns: dict[Place, int] = {}

    def forget_old(self, now_ns: int) -> None:
        """Readings of what nobody reads any more are left out."""
        for place, at_ns in list(self._read_ns.items()):
            if now_ns - at_ns > CURRENT_NS:
                self._lose(place)

    def take(self, frame: AnyFrame) -> None:
        """The next frame. One that makes no sense is left out."""
        try:
            self._take(frame)
        except (ValueError, OverflowError):
            return

    def _take(self, frame: AnyFrame) -> None:
        match frame:
            case Steps():
                self._add_steps(frame)
            case Requests():
                self._add_requests(frame)
            case Gauges():
                self._add_readings(frame)
            case Hello(role="conductor"):
                self.sums.began_unix_s = frame.wall_ns / 1e9
            case Hello(role="worker") if frame.run in self.sums.runs:
                run = self.sums.runs[frame.run]
                run.state = "starting" if run.state == "planned" else run.state
            case Phase():
                if len(self._phases) < MOST_SERIES:
                    self._phases[frame.run, frame.rank] = frame.phase
            case Done(run=0):
                self.sums.state = frame.outcome
            case RunStarted() | Score() | Done() | Failure() | Verdicts() if frame.run in self.sums.runs:
                self._note(self.sums.runs[frame.run], frame)

    @staticmethod
    def _note(run: RunSums, frame: RunStarted | Score | Done | Failure | Verdicts) -> None:
        match frame:
            case RunStarted(rank=0):
                run.started, run.state = frame, "running"
            case Score(rank=0):
                run.scores[frame.metric] = frame.value
            case Done(rank=0):
                run.state, run.dropped = frame.outcome, max(run.dropped, frame.dropped)
            case Verdicts():
                first = frame.verdicts[0] if frame.verdicts else None
                run.limit = None if first is None else (first.kind, first.severity)

    def _key(self, frame: Steps | Requests) -> Key:
        phase = self._phases.get((frame.run, frame.rank)) or self._phases.get((frame.run, 0), "")
        return Key(frame.run, frame.rank, phase)

    def _add_steps(self, frame: Steps) -> None:
        walls, samples = unpack_integers(frame.wall_ns), unpack_integers(frame.samples)
        parts = {
            part: sum(unpack_integers(column)) for part in PARTS if (column := getattr(frame, f"{part}_ns")) is not None
        }
        tokens = None if frame.tokens is None else sum(unpack_integers(frame.tokens))
        losses = () if frame.loss is None else unpack(frame.loss)
        sums = self.sums.steps.get(key := self._key(frame))
        if sums is None:
            if len(self.sums.steps) >= MOST_SERIES:
                return
            sums = self.sums.steps[key] = StepSums()
        sums.times.add(walls)
        sums.samples += sum(samples)
        for part, length in parts.items():
            sums.parts_ns[part] = sums.parts_ns.get(part, 0) + length
        if tokens is not None:
            sums.tokens = (sums.tokens or 0) + tokens
        if losses:
            sums.loss = float(losses[-1])

    def _add_requests(self, frame: Requests) -> None:
        dues, dones, firsts = map(unpack_integers, (frame.scheduled_ns, frame.done_ns, frame.first_ns))
        codes, samples = unpack_integers(frame.outcome), unpack_integers(frame.samples)
        tokens = None if frame.tokens is None else unpack_integers(frame.tokens)
        waits = None
        if frame.started_ns is not None:
            sent, began = unpack_integers(frame.sent_ns), unpack_integers(frame.started_ns)
            waits = list(compress(map(sub, began, sent), map((2).__ne__, codes)))
        sums = self.sums.requests.get(key := self._key(frame))
        if sums is None:
            if len(self.sums.requests) >= MOST_SERIES:
                return
            sums = self.sums.requests[key] = RequestSums(outcomes=dict.fromkeys(OUTCOMES, 0))
        for code in codes:
            sums.outcomes[OUTCOMES[code if code in (0, 2) else 1]] += 1
        answered = list(map(not_, codes))
        sums.latency.add(list(compress(map(sub, dones, dues), answered)))
        sums.first.add(list(compress(map(sub, firsts, dues), answered)))
        sums.samples += sum(compress(samples, answered))
        if waits is not None:
            sums.queue.add(waits)
        if tokens is not None:
            sums.tokens = (sums.tokens or 0) + sum(compress(tokens, answered))

    def _add_readings(self, frame: Gauges) -> None:
        readings = self.sums.readings
        for gauge, value in frame.readings.items():
            place = Place(frame.device, frame.source, gauge)
            if gauge in GAUGES and isfinite(value) and (place in readings or len(readings) < MOST_SERIES):
                readings[place] = value
                self._read_ns[place] = frame.at_ns
        for gauge in frame.absent:
            self._lose(Place(frame.device, frame.source, gauge))

    def _lose(self, place: Place) -> None:
        self.sums.readings.pop(place, None)
        self._read_ns.pop(place, None)
