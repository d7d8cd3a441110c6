"""What frames say apart from samples: one reading of them, which holds no sample in memory.

Counts and checks the frames of samples on the way; their columns are read by `samples`. Of a whole session: see
`written_facts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from app.analysis.tables.columns import rows
from app.analysis.tables.lines import EventRows, LogRows
from app.analysis.tables.readings import GaugeRows
from app.analysis.why.explained import Explained
from app.session.store.manifest import ClockRecord, Recovery
from app.session.store.part import Part
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import (
    SESSION,
    AnyFrame,
    ClockAligned,
    Courses,
    Done,
    Effect,
    Estimate,
    Event,
    Failure,
    Finding,
    Gauges,
    Hello,
    IdleBaseline,
    Log,
    Overhead,
    Phase,
    Pong,
    Profile,
    Requests,
    Rollup,
    RunStarted,
    Score,
    Steps,
    Verdicts,
)


@dataclass
class RunFacts:
    """One run, as far as its frames were read."""

    began_ns: int | None = None
    """The earliest instant that a frame of it speaks of; None: nothing of it was written."""
    last_ns: int = 0
    """The latest instant that a frame of it speaks of."""
    sampled_ns: int | None = None
    """End of the last sample."""
    started: RunStarted | None = None
    phases: list[Phase] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    failure: Failure | None = None
    done: Done | None = None
    explained: Explained = field(default_factory=Explained)

    def heard(self, at_ns: int) -> None:
        """A frame speaks of this instant."""
        self.began_ns = at_ns if self.began_ns is None else min(self.began_ns, at_ns)
        self.last_ns = max(self.last_ns, at_ns)


@dataclass
class Facts:
    """A journal without its samples."""

    hellos: list[Hello] = field(default_factory=list)
    runs: dict[int, RunFacts] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)
    failure: Failure | None = None
    done: Done | None = None
    """The conductor's last word."""
    gauges: GaugeRows = field(default_factory=GaugeRows)
    absent: dict[str, dict[str, str]] = field(default_factory=dict)
    """Device → gauge → the last reason why there was no reading of it; only of gauges that never gave one."""
    _present: set[tuple[str, str]] = field(default_factory=set)
    clocks: dict[tuple[int, str, str], ClockRecord] = field(default_factory=dict)
    """By run, role and host."""
    idle: IdleBaseline | None = None
    overheads: dict[tuple[str, str, int], Overhead] = field(default_factory=dict)
    """The last of each process, by role, host and pid, in the order in which they came."""
    logs: LogRows = field(default_factory=LogRows)
    events: EventRows = field(default_factory=EventRows)
    steps: int = 0
    requests: int = 0
    misfits: int = 0
    """Frames of samples whose columns do not fit together; they are left out."""
    last_ns: int = 0
    recovery: Recovery = field(default_factory=lambda: Recovery(frames=0))
    unknown: int = 0

    def take(self, frame: AnyFrame) -> None:
        """The next frame."""
        at_ns = _instant(frame)
        if isinstance(frame, Steps | Requests):
            at_ns = self._count(frame)
        self.last_ns = max(self.last_ns, at_ns or 0)
        if isinstance(frame, Gauges):
            self.gauges.take(frame)
            self._note_readings(frame.device, frame.readings, frame.absent)
        elif isinstance(frame, Log):
            self.logs.take(frame)
        elif isinstance(frame, Event):
            self.events.take(frame)
        elif isinstance(frame, Hello):
            self.hellos.append(frame)
        elif isinstance(frame, Finding):
            self.findings.append(frame)
        elif isinstance(frame, Estimate):
            self.estimates.append(frame)
        elif isinstance(frame, ClockAligned):
            self._note_clock(frame)
        elif isinstance(frame, IdleBaseline):
            self.idle = frame
        elif isinstance(frame, Overhead):
            key = (frame.role, frame.host, frame.pid)
            self.overheads.pop(key, None)
            self.overheads[key] = frame
        if frame.run == SESSION:
            self._take_session(frame)
        # A reading bears the run that the sampler was told of, which says nothing about that run's own life; nor does
        # what the conductor says of a clock.
        elif not isinstance(frame, Gauges | ClockAligned | Pong):
            self._take_run(self.runs.setdefault(frame.run, RunFacts()), frame, at_ns)

    def _note_readings(self, device: str, present: Iterable[str], absent: Mapping[str, str]) -> None:
        self._present.update((device, name) for name in present)
        reasons = self.absent.setdefault(device, {})
        reasons.update(absent)
        for name in [name for name in reasons if (device, name) in self._present]:
            del reasons[name]

    def _note_clock(self, frame: ClockAligned) -> None:
        key = (frame.run, frame.role, frame.host)
        known = self.clocks.get(key)
        self.clocks[key] = ClockRecord(
            first=known.first if known else frame,
            last=frame,
            largest_error_ns=max(known.largest_error_ns if known else 0, frame.error_ns),
        )

    def _take_session(self, frame: AnyFrame) -> None:
        if isinstance(frame, Done):
            self.done = frame
        elif isinstance(frame, Failure):
            self.failure = frame

    def take_part(self, part: Part) -> None:
        """What a rolled segment held besides its facts, which were taken before, and the rows in its parts."""
        self.steps += part.rows.get("steps", 0)
        self.requests += part.rows.get("requests", 0)
        self.misfits += part.misfits
        self.unknown += part.unknown
        self.last_ns = max(self.last_ns, part.last_ns)
        for number, told in part.runs.items():
            run = self.runs.setdefault(number, RunFacts())
            if told.began_ns is not None:
                run.heard(told.began_ns)
                run.heard(told.last_ns)
            if told.sampled_ns is not None:
                run.sampled_ns = max(run.sampled_ns or told.sampled_ns, told.sampled_ns)
        for device in {*part.present, *part.absent}:
            self._note_readings(device, part.present.get(device, ()), part.absent.get(device, {}))

    @property
    def present(self) -> dict[str, tuple[str, ...]]:
        """Device → gauges of which there was a reading."""
        devices: dict[str, list[str]] = {}
        for device, name in sorted(self._present):
            devices.setdefault(device, []).append(name)
        return {device: tuple(names) for device, names in devices.items()}

    @staticmethod
    def _take_run(run: RunFacts, frame: AnyFrame, at_ns: int | None) -> None:
        if isinstance(frame, Done) and frame.outcome == "skipped":
            run.done = frame
            return
        if at_ns is not None:
            run.heard(at_ns)
        if frame.rank and isinstance(frame, RunStarted | Phase | Score | Done):
            return  # what is said once for the whole run is said by its first rank
        match frame:
            case RunStarted():
                if run.started is not None and run.started.parameters != frame.parameters:
                    # A knob was turned. Results are of one configuration, the newest: what came before led up to it.
                    run.phases = [
                        replace(each, phase="warmup") if each.phase == "measure" else each for each in run.phases
                    ]
                run.started = frame
            case Phase():
                run.phases.append(frame)
            case Score():
                run.scores.append(frame)
            case Failure():
                # The worker's own word stands: what the conductor adds afterwards knows less.
                run.failure = run.failure or frame
            case Done():
                run.done = run.done or frame
            case Verdicts() | Effect() | Profile():
                run.explained.take(frame)
            case Steps() | Requests():
                run.sampled_ns = at_ns if run.sampled_ns is None else max(run.sampled_ns, at_ns or 0)

    def _count(self, frame: Steps | Requests) -> int | None:
        """Count a frame's samples → the end of its last one."""
        count = rows(frame)
        if count is None:
            self.misfits += 1
            return None
        if isinstance(frame, Steps):
            self.steps += count
        else:
            self.requests += count
        return _last_end(frame) if count else None


def facts_of(frames: Iterable[AnyFrame]) -> Facts:
    """Any frames in the order of a journal → their facts."""
    facts = Facts()
    for frame in of_journals(frames):
        facts.take(frame)
    return facts


def of_journals(frames: Iterable[AnyFrame]) -> Iterator[AnyFrame]:
    """Without those that no journal has, unless it comes from a stranger."""
    return (frame for frame in frames if not isinstance(frame, Rollup | Courses))


def _instant(frame: AnyFrame) -> int | None:
    if isinstance(frame, Hello):
        return frame.monotonic_ns
    return None if isinstance(frame, Steps | Requests | Pong | Rollup | Courses) else frame.at_ns


def _last_end(frame: Steps | Requests) -> int:
    """End of the last sample, nanoseconds; only the last item of each column is looked at."""
    if isinstance(frame, Requests):
        return _last(frame.done_ns)
    return _last(frame.start_ns) + _last(frame.wall_ns)


def _last(column: bytes) -> int:
    size = 4 if column[:1] == b"I" else 8
    return unpack_integers(column[:1] + column[-size:])[0]
