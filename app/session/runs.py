"""The live state of one run of the plan: where it is, how long it measured, how it ended."""

from __future__ import annotations

from app.session.buckets import Ring
from app.session.plan import PlannedRun
from app.session.samples import Cell, Samples
from app.session.view import RunState, RunView
from workloads.wire.frames import Done, Failure, Phase, Requests, RunStarted, Score, Steps


class LiveRun:
    """One run."""

    def __init__(self, planned: PlannedRun) -> None:
        self._planned = planned
        self.ring: Ring[Cell] = Ring(Cell)
        """Its course. Two runs have one each: their units are not the same."""
        self._samples = Samples(self.ring)
        self._started: RunStarted | None = None
        self._phase: Phase | None = None
        self._measured_ns = 0
        self._score: Score | None = None
        self._failure: Failure | None = None
        self._ended_ns: int | None = None
        self.state: RunState = "planned"
        self.dropped = 0
        self.heard_ns = 0
        """When its worker last sent anything."""

    @property
    def workload(self) -> str:
        """As planned."""
        return self._planned.workload

    @property
    def newest_ns(self) -> int:
        """When its newest sample ended."""
        return self._samples.newest_ns

    def hear(self, at_ns: int) -> None:
        """Its worker speaks."""
        if self.state == "planned":
            self.state = "starting"
        self.heard_ns = max(self.heard_ns, at_ns)

    def add_samples(self, frame: Steps | Requests) -> None:
        """Steps or requests were done."""
        measuring = self._phase is not None and self._phase.phase == "measure"
        if isinstance(frame, Steps):
            self._samples.add_steps(frame, measuring=measuring)
        else:
            self._samples.add_requests(frame, measuring=measuring)

    def add(self, frame: RunStarted | Phase | Score | Failure | Done) -> None:
        """Something happened to it."""
        match frame:
            case RunStarted():
                self._started = frame
                self.state = "running"
            case Phase():
                self._end_phase(frame.at_ns)
                self._phase = frame
                self._samples.begin_phase()
            case Score() if frame.metric == "top1_accuracy":
                self._score = frame
            case Failure():
                self._failure = self._failure or frame
            case Done():
                self._end_phase(frame.at_ns)
                self._phase = None
                self._ended_ns = frame.at_ns
                self.state = frame.outcome
                self.dropped = max(self.dropped, frame.dropped)

    def view(self, now_ns: int) -> RunView:
        """As it is now."""
        samples, started, phase = self._samples, self._started, self._phase
        measured_s = (self._measured_ns + self._measuring_ns(now_ns)) / 1e9
        rate, tokens = samples.rates()
        if (self._ended_ns is not None or rate is None) and measured_s > 0 and samples.units:
            rate = samples.units / measured_s
            tokens = None if samples.tokens is None else samples.tokens / measured_s
        flops = _product(rate, started.flops_per_unit if started else None)
        limit = started.limit_flops_per_s if started else None
        return RunView(
            run=self._planned.run,
            workload=self.workload,
            state=self.state,
            started=started,
            phase=phase.phase if phase else None,
            phase_mark=phase.mark if phase else None,
            phase_began_ns=phase.at_ns if phase else None,
            measured_s=measured_s,
            steps=samples.count,
            kind=samples.kind,
            samples_per_s=rate,
            tokens_per_s=tokens,
            flops_per_s=flops,
            bytes_per_s=_product(rate, started.bytes_per_unit if started else None),
            mfu=flops / limit if flops is not None and limit else None,
            loss=samples.loss,
            accuracy=self._score.value if self._score else None,
            accuracy_samples=self._score.samples if self._score else None,
            times=samples.quantiles(),
            parts=samples.parts(),
            dropped=self.dropped,
            message=self._failure.message if self._failure else "",
            remedy=self._failure.remedy if self._failure else "",
        )

    def _measuring_ns(self, now_ns: int) -> int:
        if self._phase is None or self._phase.phase != "measure":
            return 0
        return max(0, now_ns - self._phase.at_ns)

    def _end_phase(self, at_ns: int) -> None:
        self._measured_ns += self._measuring_ns(at_ns)


def _product(rate: float | None, each: float | None) -> float | None:
    return None if rate is None or each is None else rate * each
