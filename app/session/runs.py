"""The live state of one run of the plan: where it is, how long it measured, how it ended."""

from __future__ import annotations

from app.session.plan import PlannedRun
from app.session.samples import Samples
from app.session.timeline import Timeline
from app.session.view import RunState, RunView
from workloads.wire.frames import Done, Failure, Phase, Requests, RunStarted, Score, Steps


class LiveRun:
    """One run."""

    def __init__(self, planned: PlannedRun) -> None:
        self._planned = planned
        self.timeline = Timeline()
        """Its course. Two runs have one each: their units are not the same."""
        self._samples = Samples(self.timeline)
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
    def number(self) -> int:
        """As planned."""
        return self._planned.run

    @property
    def workload(self) -> str:
        """As planned."""
        return self._planned.workload

    @property
    def newest_ns(self) -> int:
        """When its newest sample ended."""
        return self._samples.newest_ns

    @property
    def failed_requests(self) -> int:
        """Requests of measure phases that got no answer."""
        return self._samples.failed

    @property
    def diverged(self) -> bool:
        """Whether its newest training loss is no number."""
        return self._samples.diverged

    def hear(self, at_ns: int) -> None:
        """Its worker speaks."""
        if self.state == "planned":
            self.state = "starting"
        self.heard_ns = max(self.heard_ns, at_ns)

    def add_samples(self, frame: Steps | Requests) -> None:
        """Steps or requests were done. Raises ValueError or OverflowError for columns that are not sound."""
        if isinstance(frame, Steps):
            self._samples.add_steps(frame)
        else:
            self._samples.add_requests(frame)

    def add(self, frame: RunStarted | Phase | Score | Failure | Done) -> None:
        """Something happened to it."""
        match frame:
            case RunStarted():
                self._started = frame
                self._samples.bytes_per_unit = frame.bytes_per_unit
                self.state = "running"
            case Phase():
                self._enter(frame, frame.at_ns)
            case Score() if frame.metric == "top1_accuracy":
                self._score = frame
            case Failure():
                self._failure = self._failure or frame
            case Done():
                self._enter(None, frame.at_ns)
                self._ended_ns = frame.at_ns
                self.state = frame.outcome
                self.dropped = max(self.dropped, frame.dropped)

    def view(self, now_ns: int) -> RunView:
        """As it is now."""
        samples, started, phase = self._samples, self._started, self._phase
        measured_s = (self._measured_ns + self._measuring_ns(now_ns)) / 1e9
        rate, tokens = samples.rates()
        if self._ended_ns is not None and measured_s > 0 and samples.units:
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

    def _enter(self, phase: Phase | None, at_ns: int) -> None:
        self._measured_ns += self._measuring_ns(at_ns)
        self._phase = phase
        self._samples.enter(phase.phase if phase else None, at_ns)


def _product(rate: float | None, each: float | None) -> float | None:
    return None if rate is None or each is None else rate * each
