"""The live state of one run of the plan: where it is, how long it measured, how it ended."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from app.session.plan import PlannedRun
from app.session.roofline import ARITHMETIC, MEMORY, Measured, Roofline, roofline_for, shares
from app.session.samples import Samples
from app.session.tally import Tally
from app.session.timeline import Timeline
from app.session.view import RunState, RunView
from workloads.wire.frames import Done, Failure, Phase, Requests, RunStarted, Score, Steps

MOST_CASES = 1_000
"""Cases whose sums are kept; of more, which only a stranger's journal has, the last ones count together."""


class LiveRun:
    """One run."""

    def __init__(self, planned: PlannedRun, title: str = "") -> None:
        self._planned = planned
        self.title = title or planned.workload
        self.timeline = Timeline()
        """Its course. Two runs have one each: their units are not the same."""
        self._samples = Samples(self.timeline)
        self._tally = Tally()
        self._cases: dict[str, Tally] = {}
        self._samples.count_into(self._tally)
        self._started: RunStarted | None = None
        self._phase: Phase | None = None
        self._measured_ns = 0
        self._score: Score | None = None
        self._failure: Failure | None = None
        self._ended_ns: int | None = None
        self._reason = ""
        self.state: RunState = "planned"
        self.dropped = 0
        self.host = ""
        """Where its worker runs."""
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
                for costs in (self._tally, self._samples):
                    costs.flops_per_unit, costs.bytes_per_unit = frame.flops_per_unit, frame.bytes_per_unit
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
                self._reason = frame.reason
                self.state = frame.outcome
                self.dropped = max(self.dropped, frame.dropped)

    @property
    def makes_roofline(self) -> bool:
        """Whether it is a probe that rooflines are made of: it is held against earlier ones, never against itself."""
        return self.workload in (ARITHMETIC, MEMORY)

    @property
    def measured(self) -> Measured | None:
        """What it reached, once it has ended."""
        tally = self._shown()
        rate, _ = tally.rates()
        started = self._costed(tally)
        if started is None or self._ended_ns is None or rate is None:
            return None
        return Measured(started, self.host, rate)

    def view(self, now_ns: int, rooflines: Iterable[Roofline] = ()) -> RunView:
        """As it is now, against what its device was measured to do."""
        samples, phase, tally = self._samples, self._phase, self._shown()
        started = self._costed(tally)
        measured_s = (self._measured_ns + self._measuring_ns(now_ns)) / 1e9
        rate, tokens = samples.rates()
        if self._ended_ns is not None:
            whole, whole_tokens = tally.rates()
            rate, tokens = (rate, tokens) if whole is None else (whole, whole_tokens)
        flops = _product(rate, tally.flops_per_unit)
        roofline = roofline_for(rooflines, started.device_name, self.host) if started else None
        share = shares(started, rate, roofline)
        return RunView(
            run=self._planned.run,
            workload=self.workload,
            title=self.title,
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
            bytes_per_s=_product(rate, tally.bytes_per_unit),
            case=tally.case or (phase.case if phase else None),
            cases=len(self._cases) or int(phase is not None and phase.case is not None),
            mfu=share.mfu,
            loss=samples.loss,
            accuracy=self._score.value if self._score else None,
            accuracy_samples=self._score.samples if self._score else None,
            times=tally.quantiles(),
            parts=samples.parts() if tally is self._tally else None,
            dropped=self.dropped,
            message=self._failure.message if self._failure else self._reason,
            remedy=self._failure.remedy if self._failure else "",
            host=self.host,
            hfu=share.hfu,
            mfu_measured=share.mfu_measured,
            bandwidth_fraction=share.bandwidth_fraction,
        )

    def _shown(self) -> Tally:
        """What rates and times are of: the present case, or the best once the run has ended."""
        if self._ended_ns is None:
            return self._tally
        return max(self._cases.values(), key=Tally.merit, default=self._tally)

    def _costed(self, tally: Tally) -> RunStarted | None:
        """The configuration with what a unit of the case costs, in the place of the run's own."""
        costs: Tally | Phase | None = tally if tally.case is not None else self._phase
        if self._started is None or costs is None or costs.case is None:
            return self._started
        return replace(self._started, flops_per_unit=costs.flops_per_unit, bytes_per_unit=costs.bytes_per_unit)

    def _measuring_ns(self, now_ns: int) -> int:
        if self._phase is None or self._phase.phase != "measure":
            return 0
        return max(0, now_ns - self._phase.at_ns)

    def _enter(self, phase: Phase | None, at_ns: int) -> None:
        measured_ns = self._measuring_ns(at_ns)
        self._measured_ns += measured_ns
        self._tally.measured_ns += measured_ns
        self._phase = phase
        self._samples.enter(phase.phase if phase else None, at_ns)
        if phase is not None:
            self._cost(phase)

    def _cost(self, phase: Phase) -> None:
        """What a unit costs from here on: what its case says, else the run. Only measuring changes the tally."""
        costs = self._started if phase.case is None else phase
        self._samples.flops_per_unit = costs.flops_per_unit if costs else None
        self._samples.bytes_per_unit = costs.bytes_per_unit if costs else None
        if phase.case is not None and phase.phase == "measure":
            self._tally = self._tally_of(phase, phase.case)
            self._samples.count_into(self._tally)

    def _tally_of(self, phase: Phase, case: str) -> Tally:
        if case not in self._cases and len(self._cases) < MOST_CASES:
            self._cases[case] = Tally(case, phase.flops_per_unit, phase.bytes_per_unit)
        return self._cases.get(case, self._tally)


def _product(rate: float | None, each: float | None) -> float | None:
    return None if rate is None or each is None else rate * each
