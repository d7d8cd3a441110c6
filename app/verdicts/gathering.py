"""Frames → windows: the numbers of each run over its last seconds, and over all that it measured.

Memory does not grow with the length of a session. What makes no sense is counted and left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from app.session.plan import Plan, PlannedRun
from app.session.roofline import Measured, Roofline, roofline_for
from app.verdicts.gathering_course import RunCourse
from app.verdicts.gathering_devices import devices_of, processors
from app.verdicts.gathering_gauges import Cells, RunGauges
from app.verdicts.gathering_probes import ProbeCases, known_rooflines
from app.verdicts.gathering_requests import RunRequests
from app.verdicts.gathering_steps import RankSteps, portion_of
from app.verdicts.window import DeviceMeans, Happened, RankSums, StepSums, Window
from workloads.entries.load import scheduled
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import (
    AnyFrame,
    DeviceFacts,
    Done,
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
ENOUGH: Final = 24
"""A few more than the fewest that rules ask for."""

MOST_RUNS: Final = 10_000
MOST_RANKS: Final = 4_096
MOST_EVENTS: Final = 4_096
"""That are kept, whatever a journal says."""

HOST, WORKER = "host", "worker"
COUNTED: Final[frozenset[PhaseName]] = frozenset({"measure"})


class _Rank:
    """One rank: its steps, and whether it says itself in which phase they are."""

    def __init__(self) -> None:
        self.steps = RankSteps()
        self.phase: PhaseName | None = None
        self.speaks = False


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
        self.unsound = 0
        """Frames that made no sense."""

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
                    try:
                        run.take_samples(frame)
                    except (ValueError, OverflowError, LookupError):
                        self.unsound += 1
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
            if facts.device in self._facts or len(self._facts) < MOST_RANKS:
                self._facts[facts.device] = facts
            node, colon, _ = facts.device.rpartition(":")
            self._prefixes[hello.host] = node + colon
        if self._machine is None:
            self._machine = hello.fingerprint


class RunGathering:
    """Of one run."""

    def __init__(self, planned: PlannedRun) -> None:
        self.number = planned.run
        self._hooked = bool(planned.command)
        self.started: RunStarted | None = None
        self.workers: dict[int, Hello] = {}
        self.torch_threads: int | None = None
        self._phase: Phase | None = None
        self._ranks: dict[int, _Rank] = {}
        self._requests = RunRequests()
        self._gauges = RunGauges()
        self.course = RunCourse()
        self._probe = ProbeCases(planned.workload)
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._happened: dict[str, Happened] = {}
        """Of all that was measured."""
        self._case: str | None = None
        self._counted: deque[tuple[int, int | None, bool]] = deque(maxlen=MOST_EVENTS)
        """Stretches of time whose samples count: from, to (None: it goes on), and whether they are measured."""
        self._stretch_ns = 0
        """When what is now being measured began: a window goes no further back."""
        self._measured_ns = 0
        self._first_ns: int | None = None
        """When measuring began."""
        self._ended_ns: int | None = None

    @property
    def phase(self) -> PhaseName | None:
        """That goes on."""
        return self._phase.phase if self._phase else None

    @property
    def measured(self) -> bool:
        """Whether anything was."""
        return self._first_ns is not None

    @property
    def counts_now(self) -> bool:
        """Whether samples of now count: it measures, or it has not begun to."""
        return self._ended_ns is None and self._counts(self.phase)

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
        if isinstance(frame, Requests):
            if self._counts(phase):
                portion = self._requests.take(frame, measured=phase == "measure")
                if portion is not None and portion.count:
                    took = portion.sums.get("service_ns", sum_of_latencies(frame))
                    self.course.add_requests([took // portion.count], portion.last_ns, portion.samples)
            return
        if not self._counts(phase):
            portion_of(frame, 0)  # what is not sound is counted, in whatever phase
            return
        found = rank.steps.take(frame, measured=phase == "measure")
        if found is not None and frame.rank == min(self._ranks) and not frame.passes:
            starts = frame.start_ns
            self._probe.add(found[0].samples, found[0].wall_ns)
            self.course.add_steps(lambda: unpack_integers(starts), found[1], found[0])

    def end(self, at_ns: int) -> None:
        """It is over; the first word about that counts."""
        if self._ended_ns is None:
            self._close(at_ns)
            self._ended_ns = at_ns

    def probed(self, hosts: int) -> list[Measured]:
        """What it reached, where it is a probe that rooflines are made of."""
        first = self.workers.get(min(self.workers)) if self.workers else None
        return self._probe.measured(self.started, first.host if first else "", hosts)

    def settle(self, now_ns: int) -> None:
        """Put readings together; to be called now and then, also while nothing counts."""
        self._gauges.settle(now_ns, self._counted_at, self._measured_at)

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
        now_ns = min(now_ns, self._ended_ns) if whole and self._ended_ns is not None else now_ns
        self.settle(now_ns + (1 << 62 if whole else 0))
        from_ns = (self._first_ns or 0) if whole else self._from_ns(now_ns)
        self._prune(now_ns)
        cells = self._gauges.whole() if whole else self._gauges.recent(from_ns, now_ns, self._counted_at)
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
            phase_began_ns=self._phase.at_ns if self._phase else None,
            measured_s=self._measured_s(now_ns),
            steps=ranks[0].steps if ranks else None,
            ranks=ranks if len(self._ranks) > 1 else (),
            requests=requests,
            gpus=tuple(self._means(name, cells, facts) for name in gpus),
            host=self._means(HOST, cells, facts),
            worker=self._means(WORKER, cells, facts),
            logical_processors=threads,
            physical_cores=cores,
            torch_threads=self.torch_threads,
            happened=dict(self._happened) if whole else self._happened_in(from_ns, now_ns),
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
        first = self._ranks[min(self._ranks)].steps if self._ranks else None
        reaching = (first.reach(from_ns, ENOUGH) if first else from_ns, self._requests.reach(from_ns, ENOUGH))
        # A step that began before the window began is a part of it, but makes it no longer.
        reached = min((each for each in reaching if each < from_ns - WINDOW_NS // 10), default=from_ns)
        return max(self._stretch_ns, reached, now_ns - LONGEST_NS)

    def _prune(self, now_ns: int) -> None:
        oldest = now_ns - LONGEST_NS
        for rank in self._ranks.values():
            rank.steps.prune(oldest)
        self._requests.prune(oldest)
        self._gauges.prune(oldest)

    def _enter(self, phase: Phase) -> None:
        """A phase of the run begins, and the one before it ends."""
        before = self._phase
        self._close(phase.at_ns)
        for rank in self._ranks.values():
            if not rank.speaks or rank is self._ranks.get(0):
                rank.phase = phase.phase
        self._phase = phase
        self._probe.enter(phase)
        if phase.phase == "measure":
            first, case = self._first_ns is None, phase.case
            self._first_ns = phase.at_ns if first else self._first_ns
            if first or case != self._case:
                self._case = case
                self._begin(phase.at_ns, course=first)
        elif before is None and self._counts(phase.phase):
            self._begin(phase.at_ns, course=True)
        if before is None and (self.started is None or phase.at_ns > self.started.at_ns):
            self._gauges = self._gauges.anew()  # what was read before anybody spoke is no part of the whole
        if self._counts(phase.phase):
            self._counted.append((phase.at_ns, None, phase.phase == "measure"))

    def _close(self, at_ns: int) -> None:
        """What counted until now ends."""
        if not self._counted or self._counted[-1][1] is not None:
            return
        from_ns, _, measured = self._counted.pop()
        self._counted.append((from_ns, max(from_ns, at_ns), measured))
        if measured:
            self._measured_ns += max(0, at_ns - from_ns)

    def _begin(self, at_ns: int, *, course: bool) -> None:
        """From here on another thing is measured than before."""
        self._stretch_ns = max(self._stretch_ns, at_ns)
        for rank in self._ranks.values():
            rank.steps.forget()
        self._requests.forget()
        self._gauges.forget(at_ns)
        if course:
            self.course.begin(at_ns)

    def _begin_anew(self) -> None:
        """A knob was turned: what was measured before is of another configuration, and of no whole window."""
        for rank in self._ranks.values():
            rank.steps = RankSteps()
        self._requests, self._gauges = RunRequests(), self._gauges.anew()
        self._happened.clear()
        self._measured_ns, self._first_ns = 0, None
        self._counted.clear()

    def _take_event(self, event: Event) -> None:
        self.course.add_event(event)
        if event.kind == "knob" and not event.rank:
            self._begin(event.at_ns, course=False)
        # It is told when it is over, perhaps in another phase than the one that it began in.
        if self._counted_at(event.at_ns):
            self._events.append(event)
        if self._measured_at(event.at_ns):
            known = self._happened.get(event.kind)
            self._happened[event.kind] = Happened(
                count=known.count + 1 if known else 1,
                wall_ns=max(0, event.wall_ns) + (known.wall_ns if known else 0),
                last=event,
            )

    def _happened_in(self, from_ns: int, to_ns: int) -> dict[str, Happened]:
        found: dict[str, Happened] = {}
        for event in self._events:
            if from_ns <= event.at_ns <= to_ns:
                known = found.get(event.kind)
                found[event.kind] = Happened(
                    count=known.count + 1 if known else 1,
                    wall_ns=max(0, event.wall_ns) + (known.wall_ns if known else 0),
                    last=event,
                )
        return found

    def _rank(self, number: int) -> _Rank | None:
        rank = self._ranks.get(number)
        if rank is None and len(self._ranks) < MOST_RANKS:
            rank = self._ranks[number] = _Rank()
            rank.phase = self.phase
        return rank

    def _counts(self, phase: PhaseName | None) -> bool:
        if phase is None:  # a script that nobody has spoken in yet: its devices are what there is
            return self._hooked
        return phase == "measure" or (phase == "warmup" and self._first_ns is None)

    def _counted_at(self, at_ns: int) -> bool:
        measured = self._in_what(at_ns)
        return measured or (measured is False and self._first_ns is None)

    def _measured_at(self, at_ns: int) -> bool:
        return self._in_what(at_ns) is True

    def _in_what(self, at_ns: int) -> bool | None:
        """Whether what counted at an instant was measured; None where nothing counted."""
        if self._phase is None and self._hooked:
            return True
        for from_ns, to_ns, measured in reversed(self._counted):
            if from_ns <= at_ns:
                return measured if to_ns is None or at_ns <= to_ns else None
        return None

    def _measured_s(self, now_ns: int) -> float:
        going = 0
        if self._counted and self._counted[-1][1] is None and self._counted[-1][2]:
            going = max(0, now_ns - self._counted[-1][0])
        return (self._measured_ns + going) / 1e9

    def _means(self, device: str, cells: Cells, facts: dict[str, DeviceFacts]) -> DeviceMeans:
        its = facts.get(device)
        absent = {**(its.absent if its else {}), **self._gauges.absent.get(device, {})}
        cell = cells.get(device)
        return DeviceMeans(device=device, facts=its, absent=absent) if cell is None else cell.means(device, its, absent)

    def _costed(self) -> RunStarted | None:
        """The configuration with what a unit of the case costs, in the place of the run's own."""
        phase = self._phase
        if self.started is None or phase is None or phase.phase != "measure" or phase.case is None:
            return self.started
        return replace(self.started, flops_per_unit=phase.flops_per_unit, bytes_per_unit=phase.bytes_per_unit)


def sum_of_latencies(frame: Requests) -> int:
    """From sent to done, where nothing else is known of what they took."""
    return max(0, sum(unpack_integers(frame.done_ns)) - sum(unpack_integers(frame.sent_ns)))
