"""How far a session had come at each of its instants: in time, in steps, in measured time. Two of them meet by it.

A way is a line of places, each an instant and how far the session was; neither ever falls. Pure, but for what gathers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from workloads.wire.columns import length
from workloads.wire.frames import SESSION, AnyFrame, Done, Phase, Requests, Rollup, RunStarted, Steps

By = Literal["time", "step", "progress"]
BYS: Final[tuple[By, ...]] = ("time", "step", "progress")
MOST: Final = 4_000
"""Places of steps that are kept of a run; between two of them steps are taken to be of equal length."""


class Place(NamedTuple):
    """One of a way."""

    far: float
    at_ns: int


class Way:
    """Places in order."""

    def __init__(self, places: Sequence[Place]) -> None:
        """At least one."""
        self.places = tuple(places)
        self._far = [place.far for place in places]

    def first_ns(self, far: float) -> int:
        """The first instant at which it had come so far; of what it never came to, its last."""
        return self._between(bisect_left(self._far, far), far)

    def last_ns(self, far: float) -> int:
        """The last instant at which it had come no farther."""
        after = bisect_right(self._far, far)
        if after and self._far[after - 1] == far:
            return self.places[after - 1].at_ns
        return self._between(after, far)

    def _between(self, after: int, far: float) -> int:
        """Before the place of that number."""
        if after >= len(self.places):
            return self.places[-1].at_ns
        two = self.places[after]
        if not after or two.far == far:
            return two.at_ns
        one = self.places[after - 1]
        return one.at_ns + round((two.at_ns - one.at_ns) * (far - one.far) / (two.far - one.far))


class RunCourse:
    """What one run did when."""

    def __init__(self) -> None:
        self.began_ns = self.ended_ns = 0
        self.steps: list[Place] = []
        self.count = 0
        self.measures: list[tuple[int, int]] = []
        self.measuring_ns: int | None = None
        self._every, self._skipped = 1, 0

    def add(self, count: int, at_ns: int) -> None:
        """So many steps more had been done by then; only those that are measured count, as on the screen."""
        if self.measuring_ns is None:
            return
        self.count += count
        self._skipped += 1
        if self.steps and self._skipped < self._every:
            return
        self._place(at_ns)

    def begin_measure(self, at_ns: int) -> None:
        """It is measured from now on."""
        self.measuring_ns = at_ns
        self._place(at_ns)

    def end_measure(self, at_ns: int) -> None:
        """It is measured no more."""
        if self.measuring_ns is not None and at_ns > self.measuring_ns:
            self.measures.append((self.measuring_ns, at_ns))
            self._place(at_ns)
        self.measuring_ns = None

    def _place(self, at_ns: int) -> None:
        self._skipped = 0
        self.steps.append(Place(self.count, max(at_ns, self.steps[-1].at_ns if self.steps else at_ns)))
        if len(self.steps) > MOST:
            self.steps = self.steps[::2]
            self._every *= 2

    @property
    def measured_ns(self) -> int:
        """In all."""
        return sum(to_ns - from_ns for from_ns, to_ns in self.measures)


class Courses:
    """Of all runs of a session, from its frames. What ranks do is told by the first of them."""

    def __init__(self) -> None:
        self._runs: dict[int, RunCourse] = {}

    @property
    def runs(self) -> tuple[RunCourse, ...]:
        """In the order in which they began."""
        return tuple(sorted(self._runs.values(), key=lambda run: run.began_ns))

    def take(self, frame: AnyFrame, told_ns: int | None) -> None:
        """One frame, and when it was told."""
        if frame.rank or frame.run == SESSION or told_ns is None:
            return
        run = self._runs.get(frame.run)
        match frame:
            case RunStarted() if run is None:
                run = self._runs[frame.run] = RunCourse()
                run.began_ns = run.ended_ns = told_ns
            case Phase() if run is not None:
                run.end_measure(told_ns)
                if frame.phase == "measure":
                    run.begin_measure(told_ns)
            case Steps() if run is not None and not frame.passes:
                run.add(_count(frame.start_ns), told_ns)
            case Requests() if run is not None:
                run.add(_count(frame.done_ns), told_ns)
            case Rollup() if run is not None:
                run.add(frame.count, told_ns)
            case Done() if run is not None:
                run.end_measure(told_ns)
        if run is not None:
            run.ended_ns = max(run.ended_ns, told_ns)


def ways_of(by: By, sides: Sequence[Courses], spans: Sequence[tuple[int, int]]) -> tuple[Way, ...]:
    """The ways of sessions that meet by the same thing; `spans` are their first and last instants.

    By time: since the beginning. By step: the measured steps of their first runs, then of their second ones, and so on,
    by number. By progress: the share of what each run measures.
    """
    if by == "time":
        return tuple(Way((Place(0, began_ns), Place(ended_ns - began_ns, ended_ns))) for began_ns, ended_ns in spans)
    several = max(len(side.runs) for side in sides)
    sizes = [
        1.0 if by == "progress" else float(max(side.runs[number].count for side in sides if number < len(side.runs)))
        for number in range(several)
    ]
    return tuple(_way(by, side.runs, sizes, *span) for side, span in zip(sides, spans, strict=True))


def _way(by: By, runs: Sequence[RunCourse], sizes: Sequence[float], began_ns: int, ended_ns: int) -> Way:
    places = [Place(0.0, began_ns)]
    before = 0.0
    for run, size in zip(runs, sizes, strict=False):
        places.append(Place(before, run.began_ns))
        own = _measured(run) if by == "progress" else run.steps
        places += [Place(before + place.far, place.at_ns) for place in own]
        before += size
        places.append(Place(before, run.ended_ns))
    places.append(Place(max(before, sum(sizes)), ended_ns))
    return Way(_rising(places, began_ns, ended_ns))


def _measured(run: RunCourse) -> list[Place]:
    """Shares of what it measured, at both ends of each measure phase."""
    whole, done, places = max(1, run.measured_ns), 0, []
    for from_ns, to_ns in run.measures:
        places.append(Place(done / whole, from_ns))
        done += to_ns - from_ns
        places.append(Place(done / whole, to_ns))
    return places


def _rising(places: Sequence[Place], began_ns: int, ended_ns: int) -> list[Place]:
    """Runs that overlap, and what was told late, must not lead back."""
    found: list[Place] = []
    far, at_ns = 0.0, began_ns
    for place in places:
        far, at_ns = max(far, place.far), max(at_ns, min(ended_ns, place.at_ns))
        if not found or found[-1] != (far, at_ns):
            found.append(Place(far, at_ns))
    return found


def _count(column: bytes) -> int:
    try:
        return length(column)
    except ValueError:
        return 0
