"""One run: what is kept of its frames, and its windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from app.session.planning.plan import PlannedRun
from app.session.roofs.roofline import Measured, Roofline, roofline_for
from app.verdicts.gathering.counting import Counting
from app.verdicts.gathering.course import RunCourse
from app.verdicts.gathering.devices import devices_of, processors
from app.verdicts.gathering.events import RunEvents
from app.verdicts.gathering.gauges import Cells, RunGauges
from app.verdicts.gathering.probes import ProbeCases
from app.verdicts.gathering.requests import RunRequests
from app.verdicts.gathering.steps import RankSteps
from app.verdicts.rule import FEWEST_STEPS
from app.verdicts.window import DeviceMeans, RankSums, StepSums, Window
from workloads.entries.load import scheduled
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import (
    DeviceFacts,
    Event,
    Fingerprint,
    Gauges,
    Hello,
    Phase,
    PhaseName,
    Requests,
    RunStarted,
    Steps,
)

WINDOW_NS: Final = 10_000_000_000
"""Length of a window: forty readings at the sampler's four a second, so that a share of busy time is known to a few
per cent, and still short enough that a person sees what a change of now has done."""

LONGEST_NS: Final = 120_000_000_000
"""Steps of several seconds need more to be a mean: a window reaches back as far as `ENOUGH` of them, but no further."""
ENOUGH: Final = FEWEST_STEPS + 4
"""A few more than the fewest that rules ask for."""

MOST_RANKS: Final = 4_096
"""That are kept; a stranger's journal could name any number."""

HOST, WORKER = "host", "worker"


class _Rank:
    """One rank: its steps, and whether it says itself in which phase they are."""

    def __init__(self) -> None:
        self.steps = RankSteps()
        self.phase: PhaseName | None = None
        self.speaks = False


class RunGathering:
    """Of one run."""

    def __init__(self, planned: PlannedRun) -> None:
        self.number = planned.run
        self._hooked = bool(planned.command)
        self.started: RunStarted | None = None
        self.workers: dict[int, Hello] = {}
        self.torch_threads: int | None = None
        self._counting = Counting(hooked=self._hooked)
        self._ranks: dict[int, _Rank] = {}
        self._first: _Rank | None = None
        """Of the lowest number that there is."""
        self._requests = RunRequests()
        self._gauges = RunGauges()
        self.course = RunCourse()
        self._probe = ProbeCases(planned.workload)
        self._events = RunEvents()
        self._case: str | None = None
        self._stretch_ns = 0
        """When what is now being measured began: a window goes no further back."""

    @property
    def phase(self) -> PhaseName | None:
        """That goes on."""
        return self._counting.phase.phase if self._counting.phase else None

    @property
    def measured(self) -> bool:
        """Whether anything was."""
        return self._counting.first_ns is not None

    @property
    def counts_now(self) -> bool:
        """Whether samples of now count: it measures, or it has not begun to."""
        return self._counting.now

    @property
    def stretch_ns(self) -> int:
        """When what is now being measured began."""
        return self._stretch_ns

    def take_gauges(self, frame: Gauges) -> None:
        """Readings while it goes on."""
        self._gauges.add(frame)
        self.course.add_gauges(frame)

    def take(self, frame: RunStarted | Phase | Event) -> None:
        """Something is said about it, by the first of its ranks for all of them."""
        match frame:
            case RunStarted() if not frame.rank:
                if self.started is not None and self.started.parameters != frame.parameters:
                    self._begin_anew()
                self.started = frame
                self._stretch_ns = max(self._stretch_ns, frame.at_ns)
            case Phase():
                rank = self._rank(frame.rank)
                if frame.rank == 0:
                    self._enter(frame)
                elif rank is not None:
                    rank.speaks, rank.phase = True, frame.phase
            case Event():
                self._take_event(frame)

    def take_samples(self, frame: Steps | Requests) -> None:
        """Steps or requests. Raises ValueError or OverflowError, nothing taken, for columns that are not sound."""
        rank = self._rank(frame.rank)
        if rank is None:
            return
        phase = rank.phase
        if not self._counting.counts(phase):
            return
        if isinstance(frame, Requests):
            portion = self._requests.take(frame, measured=phase == "measure")
            if portion is not None and portion.count:
                served = portion.sums.totals.get("service_ns")
                took = sum_of_latencies(frame) if served is None else served
                self.course.add_requests([took // portion.count], portion.last_ns, portion.samples)
            return
        if rank is not self._first:
            rank.steps.put_aside(frame, measured=phase == "measure")
            return
        found = rank.steps.take(frame, measured=phase == "measure")
        if found is not None and not frame.passes:
            starts = frame.start_ns
            self._probe.add(found[0].samples, found[0].wall_ns)
            self.course.add_steps(lambda: unpack_integers(starts), found[1], found[0])

    def end(self, at_ns: int) -> None:
        """It is over; the first word about that counts."""
        self._counting.end(at_ns)

    def probed(self, hosts: int) -> list[Measured]:
        """What it reached, where it is a probe that rooflines are made of."""
        first = self.workers.get(min(self.workers)) if self.workers else None
        return self._probe.measured(self.started, first.host if first else "", hosts)

    def settle(self, now_ns: int) -> None:
        """Put readings together; to be called now and then, also while nothing counts."""
        self._gauges.settle(now_ns, self._counting.counted_at, self._counting.measured_at)

    def window(
        self,
        now_ns: int,
        *,
        whole: bool,
        standing: frozenset[str],
        machine: Fingerprint | None,
        facts: dict[str, DeviceFacts],
        prefixes: dict[str, str],
        rooflines: Iterable[Roofline],
    ) -> Window:
        """See `Gathering.window`."""
        counting = self._counting
        now_ns = min(now_ns, counting.ended_ns) if whole and counting.ended_ns is not None else now_ns
        self.settle(now_ns + (1 << 62 if whole else 0))
        from_ns = (counting.first_ns or 0) if whole else self._from_ns(now_ns)
        if not whole:
            self._prune(from_ns)
        cells = self._gauges.whole() if whole else self._gauges.recent(from_ns, now_ns, counting.counted_at)
        gpus = devices_of(self.started, self.workers, facts, prefixes, cells)
        first = next((self.workers[rank] for rank in sorted(self.workers)), None)
        threads, cores = processors([each for each in (first and first.fingerprint, machine) if each])
        ranks = self._rank_sums(from_ns, now_ns, whole=whole)
        open_loop = scheduled(self.started)
        requests = (
            self._requests.whole(open_loop=open_loop)
            if whole
            else self._requests.recent(from_ns, now_ns, open_loop=open_loop)
        )
        return Window(
            run=self.number,
            from_ns=from_ns,
            to_ns=now_ns,
            whole=whole,
            started=self._costed(),
            phase=self.phase,
            phase_began_ns=counting.phase.at_ns if counting.phase else None,
            steps=ranks[0].steps if ranks else None,
            ranks=ranks if len(self._ranks) > 1 else (),
            requests=requests,
            gpus=tuple(self._means(name, cells, facts) for name in gpus),
            host=self._means(HOST, cells, facts),
            worker=self._means(WORKER, cells, facts),
            logical_processors=threads,
            physical_cores=cores,
            torch_threads=self.torch_threads,
            happened=self._events.whole() if whole else self._events.recent(from_ns, now_ns),
            course=self.course.view(gpus, len(self._ranks) or 1),
            roofline=roofline_for(rooflines, self.started.device_name, first.host if first else "")
            if self.started
            else None,
            hooked=self._hooked,
            load=None if requests is None else "open" if open_loop else "closed",
            standing=standing,
        )

    def _rank_sums(self, from_ns: int, now_ns: int, *, whole: bool) -> tuple[RankSums, ...]:
        found: list[tuple[int, StepSums | None]] = [
            (number, rank.steps.whole() if whole else rank.steps.recent(from_ns, now_ns))
            for number, rank in sorted(self._ranks.items())
        ]
        return tuple(RankSums(rank=number, steps=sums) for number, sums in found if sums is not None)

    def _from_ns(self, now_ns: int) -> int:
        """Where the window begins: ten seconds back, or further where steps are slow, but all in what is measured."""
        from_ns = now_ns - WINDOW_NS
        first = self._first.steps if self._first is not None else None
        reaching = (
            first.portions.reach(from_ns, ENOUGH) if first else from_ns,
            self._requests.portions.reach(from_ns, ENOUGH),
        )
        # A step that began before the window began is a part of it, but makes it no longer.
        reached = min((each for each in reaching if each < from_ns - WINDOW_NS // 10), default=from_ns)
        return max(self._stretch_ns, reached, now_ns - LONGEST_NS)

    def _prune(self, from_ns: int) -> None:
        """Drop what no window will hold. Each reaches as far back as `ENOUGH` of the newest samples lie, and so none
        further than the one before it; a window's length is left beside what `_from_ns` overlooks.
        """
        oldest = from_ns - WINDOW_NS
        for rank in self._ranks.values():
            rank.steps.portions.prune(oldest)
        self._requests.portions.prune(oldest)
        self._gauges.prune(oldest)

    def _enter(self, phase: Phase) -> None:
        """A phase of the run begins, and the one before it ends."""
        counting = self._counting
        before, first = counting.phase, counting.first_ns is None
        counting.enter(phase)
        for rank in self._ranks.values():
            if not rank.speaks or rank is self._ranks.get(0):
                rank.phase = phase.phase
        self._probe.enter(phase)
        if phase.phase == "measure":
            if first or phase.case != self._case:
                self._case = phase.case
                self._begin(phase.at_ns, course=first)
        elif before is None and counting.counts(phase.phase):
            self._begin(phase.at_ns, course=True)
        if before is None and (self.started is None or phase.at_ns > self.started.at_ns):
            self._gauges = self._gauges.anew()  # what was read before anybody spoke is no part of the whole

    def _begin(self, at_ns: int, *, course: bool) -> None:
        """From here on another thing is measured than before."""
        self._stretch_ns = max(self._stretch_ns, at_ns)
        for rank in self._ranks.values():
            rank.steps.portions.forget()
        self._requests.portions.forget()
        self._gauges.forget(at_ns)
        if course:
            self.course.begin(at_ns)

    def _begin_anew(self) -> None:
        """A knob was turned: what was measured before is of another configuration, and of no whole window."""
        for rank in self._ranks.values():
            rank.steps = RankSteps()
        self._requests, self._gauges = RunRequests(), self._gauges.anew()
        self._events.forget()
        self._counting.forget()

    def _take_event(self, event: Event) -> None:
        self.course.add_event(event)
        if event.kind == "knob" and not event.rank:
            self._begin(event.at_ns, course=False)
        # It is told when it is over, perhaps in another phase than the one that it began in.
        counted, measured = self._counting.counted_at(event.at_ns), self._counting.measured_at(event.at_ns)
        self._events.take(event, counted=counted, measured=measured)

    def _rank(self, number: int) -> _Rank | None:
        rank = self._ranks.get(number)
        if rank is None and len(self._ranks) < MOST_RANKS:
            rank = self._ranks[number] = _Rank()
            self._first = self._ranks[min(self._ranks)]
            rank.phase = self.phase
        return rank

    def _means(self, device: str, cells: Cells, facts: dict[str, DeviceFacts]) -> DeviceMeans:
        its = facts.get(device)
        absent = {**(its.absent if its else {}), **self._gauges.absent.get(device, {})}
        cell = cells.get(device)
        return DeviceMeans(device=device, facts=its, absent=absent) if cell is None else cell.means(device, its, absent)

    def _costed(self) -> RunStarted | None:
        """The configuration with what a unit of the case costs, in the place of the run's own."""
        phase = self._counting.phase
        if self.started is None or phase is None or phase.phase != "measure" or phase.case is None:
            return self.started
        return replace(self.started, flops_per_unit=phase.flops_per_unit, bytes_per_unit=phase.bytes_per_unit)


def sum_of_latencies(frame: Requests) -> int:
    """From sent to done, where nothing else is known of what they took."""
    return max(0, sum(unpack_integers(frame.done_ns)) - sum(unpack_integers(frame.sent_ns)))
