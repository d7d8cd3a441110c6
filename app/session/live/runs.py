"""The live state of one run of the plan: where it is, how long it measured, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from app.session.live.generator import Generator
from app.session.live.goodness import Goodness
from app.session.live.ranks import mean_parts, rank_view, slowest_of, summed
from app.session.live.samples import Samples
from app.session.live.slow import SlowSamples
from app.session.live.tally import Tally, costed
from app.session.live.telling import Telling
from app.session.live.timeline import Timeline
from app.session.live.view import RankView, RunState, RunView
from app.session.live.why import Why
from app.session.plain import plain
from app.session.planning.plan import PlannedRun
from app.session.results.search import MEETS
from app.session.results.slo import Clause
from app.session.roofs.roofline import ARITHMETIC, MEMORY, Measured, Roofline, devices_of, roofline_for, shares
from workloads.entries.load import BELONGS, scheduled
from workloads.wire.frames import (
    Courses,
    Done,
    Failure,
    Finding,
    Phase,
    Requests,
    Rollup,
    RunStarted,
    Score,
    Steps,
)

MOST_CASES = 1_000
"""Cases whose sums are kept; of more, which only a stranger's journal has, the last ones count together."""

MOST_RANKS = 4096
"""Ranks that are kept; no run has more, and a stranger's journal could name any number."""


@dataclass(slots=True)
class Rank:
    """One rank: its samples, and the phase that they come in."""

    samples: Samples
    phase: Phase | None = None
    speaks: bool = False
    """Whether it says itself when a phase begins, on the line of its samples, as workers do. A saved session has the
    first rank's word alone, which then counts for all: frames come in the order of time there."""


class LiveRun:
    """One run. Two runs have a course each: their units are not the same."""

    def __init__(self, planned: PlannedRun, title: str = "", hosts: int = 1, slo: Sequence[Clause] = ()) -> None:
        self._planned = planned
        self._hosts = hosts
        self.title = title or planned.workload
        self.timeline = Timeline()
        """Its course, of all ranks."""
        self._first = Rank(Samples(self.timeline))
        """It may be the only one. Its phases are those of the run."""
        self._ranks = {0: self._first}
        self._whole = Tally()
        """Of a run without cases."""
        self._tally = self._whole
        self._cases: dict[str, Tally] = {}
        self._first.samples.count_into(self._whole)
        self._started: RunStarted | None = None
        self._measured_ns = 0
        self._scores: dict[str, Score] = {}
        self._told = Telling()
        self._generator = Generator()
        self._slo = slo
        self._goodness = Goodness(slo)
        self._failure: Failure | None = None
        self._verdict: Finding | None = None
        self.why = Why()
        """What was found out about it."""
        self.slow = SlowSamples()
        """Its slowest steps or requests."""
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
        return self._planned.ranks > 1 or len(self._ranks) > 1

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
    def unserved_requests(self) -> int:
        """Requests of measure phases that were due and never served."""
        return sum(samples.unserved for samples in self._all())

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
        rank = self._rank(frame.rank)
        if rank is None or (isinstance(frame, Steps) and frame.passes):
            return
        measured = rank.phase is not None and rank.phase.phase == "measure"
        if isinstance(frame, Steps):
            rank.samples.add_steps(frame)
        else:
            rank.samples.add_requests(frame)
            if measured:
                self._told.add(frame)
                if scheduled(self._started):
                    self._generator.add(frame)
                self._goodness.add(frame)
        if measured:
            self.slow.add(frame)

    def add_rollup(self, frame: Rollup) -> None:
        """Steps or requests were done, and are told by their sums. Raises as `add_samples`."""
        rank = self._rank(frame.rank)
        if rank is None:
            return
        measured = rank.phase is not None and rank.phase.phase == "measure"
        rank.samples.add_rollup(frame)
        if measured and frame.kind == "requests":
            self._told.add_rollup(frame)
            if scheduled(self._started):
                self._generator.add_rollup(frame)
            self._goodness.add_rollup(frame)
        if measured:
            self.slow.add_rollup(frame)

    def add_courses(self, frame: Courses) -> None:
        """Its course so far. Raises as `add_samples`."""
        self.timeline.take(frame)

    def add(self, frame: RunStarted | Phase | Score | Failure | Done) -> None:
        """Something happened to it. What is said of a run as a whole is said by its first rank."""
        if frame.rank and not isinstance(frame, Failure):
            if isinstance(frame, Phase) and (rank := self._rank(frame.rank)) is not None:
                rank.speaks = True
                self._begin(rank, frame, frame.at_ns)
            return
        match frame:
            case RunStarted():
                if self._started is not None and self._started.parameters != frame.parameters:
                    self._begin_anew()
                self._started = frame
                self._whole.flops_per_unit, self._whole.bytes_per_unit = frame.flops_per_unit, frame.bytes_per_unit
                for rank in self._ranks.values():
                    self._cost(rank)
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

    def judge(self, verdict: Finding) -> None:
        """It was a try of a search, and this became of it."""
        self._verdict = verdict

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
        return Measured(started, self.host, rate, self._hosts)

    def view(self, now_ns: int, rooflines: Iterable[Roofline] = ()) -> RunView:
        """As it is now, against what its device was measured to do."""
        samples, phase, tally = self._first.samples, self._first.phase, self._shown()
        of_case = _of_case(phase)
        started = self._costed(tally)
        measured_s = (self._measured_ns + self._measuring_ns(now_ns)) / 1e9
        every, ranks = self._all(), self._rank_views()
        rates, token_rates = zip(*(each.rates() for each in every), strict=True)
        rate, tokens = summed(rates), summed(token_rates)
        if self._ended_ns is not None:
            whole, whole_tokens = tally.rates()
            rate, tokens = (rate, tokens) if whole is None else (whole, whole_tokens)
        flops = costed(rate, tally.flops_per_unit)
        roofline = roofline_for(rooflines, started.device_name, self.host) if started else None
        share = shares(started, rate, roofline, self._hosts)
        accuracy, bits = (self._scores.get(metric) for metric in ("top1_accuracy", "bits_per_byte"))
        told = self._told.view(started.bytes_per_decode_step if started else None)
        decoded, copied = told.decode_bytes_per_s if told else None, roofline.bytes_per_s if roofline else None
        return RunView(
            run=self._planned.run,
            workload=plain(self.workload),
            title=self.title,
            state=self.state,
            started=started,
            phase=phase.phase if phase else None,
            phase_mark=phase.mark if phase else None,
            phase_began_ns=phase.at_ns if phase else None,
            measured_s=measured_s,
            steps=samples.count,
            # A run that serves says so before its first request, so that its panels are not of steps until then.
            kind=samples.kind or ("requests" if self.workload.startswith("infer/") else None),
            samples_per_s=rate,
            tokens_per_s=tokens,
            flops_per_s=flops,
            bytes_per_s=costed(rate, tally.bytes_per_unit),
            case=tally.case or (of_case.case if of_case else None),
            cases=len(self._cases) or int(of_case is not None),
            mfu=share.mfu,
            loss=samples.loss if len(every) == 1 else _mean([each.loss for each in every]),
            accuracy=accuracy.value if accuracy else None,
            accuracy_samples=accuracy.samples if accuracy else None,
            bits_per_byte=bits.value if bits else None,
            told=told,
            load=self._generator.view(started, self.unserved_requests),
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
            devices=devices_of(started, self._hosts) if started else 1,
            good=self._goodness.view(),
            rate=_rate(started),
            met=None if self._verdict is None else self._verdict.kind == MEETS,
            verdict="" if self._verdict is None else self._verdict.message,
            verdicts=self.why.verdicts,
            effects=self.why.effects,
            profiles=self.why.profiles,
            slow=self.slow.view(),
        )

    def _begin_anew(self) -> None:
        """A knob was turned: what was measured before is of another configuration, and none of the results."""
        if self._first.phase is not None:
            self._enter(None, self._first.phase.at_ns)
        self._measured_ns = 0
        self._whole = self._tally = Tally()
        self._cases = {}
        self._told, self._generator, self._goodness = Telling(), Generator(), Goodness(self._slo)
        self.slow.clear()
        for samples in self._all():
            samples.count_into(self._whole)
            samples.forget_counts()

    def _shown(self) -> Tally:
        """What rates and times are of: the present case, or the best once the run has ended."""
        if self._ended_ns is None:
            return self._tally
        return max(self._cases.values(), key=Tally.merit, default=self._tally)

    def _costed(self, tally: Tally) -> RunStarted | None:
        """The configuration with what a unit of the case costs, in the place of the run's own."""
        costs: Tally | Phase | None = tally if tally.case is not None else _of_case(self._first.phase)
        if self._started is None or costs is None:
            return self._started
        return replace(self._started, flops_per_unit=costs.flops_per_unit, bytes_per_unit=costs.bytes_per_unit)

    def _measuring_ns(self, now_ns: int) -> int:
        phase = self._first.phase
        if phase is None or phase.phase != "measure":
            return 0
        return max(0, now_ns - phase.at_ns)

    def _enter(self, phase: Phase | None, at_ns: int) -> None:
        """A phase of the run begins, or the run ends; nothing of it is measured after that."""
        measured_ns = self._measuring_ns(at_ns)
        self._measured_ns += measured_ns
        self._tally.measured_ns += measured_ns
        for rank in self._ranks.values():
            if phase is None or rank is self._first or not rank.speaks:
                self._begin(rank, phase, at_ns)
        if phase is not None and (case := _measured_case(phase)) is not None:
            self._tally = self._tally_of(phase, case)

    def _begin(self, rank: Rank, phase: Phase | None, at_ns: int) -> None:
        """A phase begins for one rank. Only measuring changes what its samples count into."""
        rank.phase = phase
        rank.samples.enter(phase.phase if phase else None, at_ns)
        self._cost(rank)
        if phase is not None and (case := _measured_case(phase)) is not None:
            rank.samples.count_into(self._tally_of(phase, case))

    def _cost(self, rank: Rank) -> None:
        """What a unit costs from here on: what its case says, else the run."""
        samples, costs = rank.samples, _of_case(rank.phase) or self._started
        samples.flops_per_unit, samples.bytes_per_unit = (
            (costs.flops_per_unit, costs.bytes_per_unit) if costs else (None, None)
        )

    def _all(self) -> list[Samples]:
        """Of all ranks."""
        return [rank.samples for rank in self._ranks.values()]

    def _rank(self, number: int) -> Rank | None:
        """A rank, which may be new: then it is in the phase of the first one until it says otherwise."""
        rank = self._ranks.get(number)
        if rank is None and len(self._ranks) < MOST_RANKS:
            rank = self._ranks[number] = Rank(Samples(self.timeline))
            rank.samples.count_into(self._tally)
            if self._first.phase is not None:
                self._begin(rank, self._first.phase, self._first.phase.at_ns)
            self._cost(rank)
            self.timeline.ranks = len(self._ranks)
        return rank

    def _rank_views(self) -> tuple[RankView, ...]:
        if len(self._ranks) == 1:
            return ()
        return tuple(rank_view(number, rank.samples) for number, rank in sorted(self._ranks.items()))

    def _tally_of(self, phase: Phase, case: str) -> Tally:
        if case not in self._cases and len(self._cases) < MOST_CASES:
            self._cases[case] = Tally(case, phase.flops_per_unit, phase.bytes_per_unit)
        return self._cases.get(case, self._tally)


def _of_case(phase: Phase | None) -> Phase | None:
    """The phase, if one of several things is measured in it; a block of an experiment is none of them."""
    return None if phase is None or phase.phase == "experiment" or phase.case is None else phase


def _measured_case(phase: Phase) -> str | None:
    return phase.case if phase.phase == "measure" else None


def _rate(started: RunStarted | None) -> float | None:
    """Requests a second that are due."""
    if started is None or started.parameters.get("load") not in BELONGS["rate"]:
        return None
    rate = started.parameters.get("rate")
    return float(rate) if isinstance(rate, int | float) else None


def _mean(amounts: list[float | None]) -> float | None:
    total = summed(amounts)
    return None if total is None else total / len(amounts)
