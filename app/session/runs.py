"""The live state of one run of the plan: where it is, how long it measured, how it ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from app.session.plan import PlannedRun
from app.session.ranks import mean_parts, rank_view, slowest_of, summed
from app.session.roofline import ARITHMETIC, MEMORY, Measured, Roofline, roofline_for, shares
from app.session.samples import Samples, last_end
from app.session.tally import Tally
from app.session.telling import Telling
from app.session.timeline import Timeline
from app.session.view import RankView, RunState, RunView
from workloads.wire.frames import Done, Failure, Phase, Requests, RunStarted, Score, Steps

MOST_CASES = 1_000
"""Cases whose sums are kept; of more, which only a stranger's journal has, the last ones count together."""

MOST_RANKS = 4096
"""Ranks that are kept; no run has more, and a stranger's journal could name any number."""

COMING = 64
"""Phases that a rank may be behind the first one; a rank that says nothing keeps no more of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a phase means for the samples that come in it."""

    at_ns: int
    phase: Phase | None
    """None: the run has ended."""
    flops_per_unit: float | None
    bytes_per_unit: float | None
    tally: Tally

    def apply(self, samples: Samples) -> None:
        """The phase begins for these samples."""
        samples.enter(self.phase.phase if self.phase else None, self.at_ns)
        samples.flops_per_unit, samples.bytes_per_unit = self.flops_per_unit, self.bytes_per_unit
        samples.count_into(self.tally)


@dataclass(frozen=True, slots=True)
class Other:
    """Another rank than the first: its samples, and the phases that it has still to enter.

    Phases come from the first rank, on another line than the samples of the others, and may be there before
    samples of the phase before. All ranks change phases together, and a frame is of one phase: its end says which.
    """

    samples: Samples
    coming: deque[Change] = field(default_factory=lambda: deque(maxlen=COMING))

    def enter_until(self, at_ns: int | None) -> None:
        """Enter every phase that begins before an instant, or all of them."""
        while self.coming and (at_ns is None or self.coming[0].at_ns < at_ns):
            self.coming.popleft().apply(self.samples)


class LiveRun:
    """One run. Two runs have a course each: their units are not the same."""

    def __init__(self, planned: PlannedRun, title: str = "") -> None:
        self._planned = planned
        self.title = title or planned.workload
        self.timeline = Timeline()
        """Its course, of all ranks."""
        self._samples = Samples(self.timeline)
        """Of the first rank, which may be the only one."""
        self._others: dict[int, Other] = {}
        self._changes: deque[Change] = deque(maxlen=2)
        self._tally = Tally()
        self._cases: dict[str, Tally] = {}
        self._samples.count_into(self._tally)
        self._started: RunStarted | None = None
        self._phase: Phase | None = None
        self._measured_ns = 0
        self._scores: dict[str, Score] = {}
        self._told = Telling()
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
    def several(self) -> bool:
        """Whether it is shared among ranks."""
        return self._planned.ranks > 1 or bool(self._others)

    @property
    def workload(self) -> str:
        """As planned."""
        return self._planned.workload

    @property
    def newest_ns(self) -> int:
        """When its newest sample ended."""
        return max(samples.newest_ns for samples in self._all())

    @property
    def failed_requests(self) -> int:
        """Requests of measure phases that got no answer."""
        return sum(samples.failed for samples in self._all())

    @property
    def diverged(self) -> bool:
        """Whether its newest training loss is no number."""
        return any(samples.diverged for samples in self._all())

    def hear(self, at_ns: int) -> None:
        """Its worker speaks."""
        if self.state == "planned":
            self.state = "starting"
        self.heard_ns = max(self.heard_ns, at_ns)

    def add_samples(self, frame: Steps | Requests) -> None:
        """Steps or requests were done. Raises ValueError or OverflowError for columns that are not sound."""
        samples = self._samples if frame.rank == 0 else self._of_rank(frame)
        if samples is None:
            return
        if isinstance(frame, Steps):
            samples.add_steps(frame)
        else:
            samples.add_requests(frame)
            if self._phase is not None and self._phase.phase == "measure":
                self._told.add(frame)

    def add(self, frame: RunStarted | Phase | Score | Failure | Done) -> None:
        """Something happened to it. What is said of a run as a whole is said by its first rank."""
        if frame.rank and not isinstance(frame, Failure):
            return
        match frame:
            case RunStarted():
                self._started = frame
                costed: list[Tally | Samples] = [self._tally, *self._all()]
                for costs in costed:
                    costs.flops_per_unit, costs.bytes_per_unit = frame.flops_per_unit, frame.bytes_per_unit
                self.state = "running"
            case Phase():
                self._enter(frame, frame.at_ns)
            case Score():
                self._scores[frame.metric] = frame
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
        every, ranks = self._all(), self._ranks()
        rates, token_rates = zip(*(each.rates() for each in every), strict=True)
        rate, tokens = summed(rates), summed(token_rates)
        if self._ended_ns is not None:
            whole, whole_tokens = tally.rates()
            rate, tokens = (rate, tokens) if whole is None else (whole, whole_tokens)
        flops = _product(rate, tally.flops_per_unit)
        roofline = roofline_for(rooflines, started.device_name, self.host) if started else None
        share = shares(started, rate, roofline)
        accuracy, bits = (self._scores.get(metric) for metric in ("top1_accuracy", "bits_per_byte"))
        told = self._told.view(started.bytes_per_decode_step if started else None)
        decoded, copied = told.decode_bytes_per_s if told else None, roofline.bytes_per_s if roofline else None
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
            loss=samples.loss if len(every) == 1 else _mean([each.loss for each in every]),
            accuracy=accuracy.value if accuracy else None,
            accuracy_samples=accuracy.samples if accuracy else None,
            bits_per_byte=bits.value if bits else None,
            told=told,
            decode_fraction=decoded / copied if decoded and copied else None,
            times=tally.quantiles(),
            parts=mean_parts([parts for each in every if (parts := each.parts())]) if tally is self._tally else None,
            ranks=ranks,
            slowest=slowest_of(ranks),
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
        change = self._change(phase, at_ns)
        self._changes.append(change)
        change.apply(self._samples)
        for other in self._others.values():
            other.coming.append(change)
            if phase is None:
                other.enter_until(None)

    def _change(self, phase: Phase | None, at_ns: int) -> Change:
        """What a unit costs from here on: what its case says, else the run. Only measuring changes the tally."""
        costs = self._started if phase is None or phase.case is None else phase
        if phase is not None and phase.case is not None and phase.phase == "measure":
            self._tally = self._tally_of(phase, phase.case)
        each = (costs.flops_per_unit, costs.bytes_per_unit) if costs else (None, None)
        return Change(at_ns, phase, *each, self._tally)

    def _all(self) -> list[Samples]:
        """Of all ranks."""
        return [self._samples, *(other.samples for other in self._others.values())]

    def _of_rank(self, frame: Steps | Requests) -> Samples | None:
        """The samples of another rank than the first, in the phase that the frame is of."""
        other = self._others.get(frame.rank)
        if other is None:
            if len(self._others) >= MOST_RANKS:
                return None
            other = self._others[frame.rank] = Other(Samples(self.timeline))
            other.samples.count_into(self._tally)
            other.coming.extend(self._changes)
            self.timeline.ranks = 1 + len(self._others)
        if other.coming and (ended_ns := last_end(frame)) is not None:
            other.enter_until(ended_ns)
        return other.samples

    def _ranks(self) -> tuple[RankView, ...]:
        if not self._others:
            return ()
        others = sorted(self._others.items())
        return (rank_view(0, self._samples), *(rank_view(number, other.samples) for number, other in others))

    def _tally_of(self, phase: Phase, case: str) -> Tally:
        if case not in self._cases and len(self._cases) < MOST_CASES:
            self._cases[case] = Tally(case, phase.flops_per_unit, phase.bytes_per_unit)
        return self._cases.get(case, self._tally)


def _product(rate: float | None, each: float | None) -> float | None:
    return None if rate is None or each is None else rate * each


def _mean(amounts: list[float | None]) -> float | None:
    total = summed(amounts)
    return None if total is None else total / len(amounts)
