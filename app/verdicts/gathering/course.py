"""The course of a run: all of it in at most 256 stretches of equal time, which double in length when it goes on."""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Final

from app.verdicts.gathering.steps import StepPortion
from app.verdicts.gathering.stretch import EACH, Stretch
from app.verdicts.window import Course, Slow
from workloads.wire.frames import Event, Gauges

MOST: Final = 256
"""Stretches, stalls and events that are kept."""

FIRST_NS: Final = 500_000_000
"""Of a stretch, as a run begins: twenty seconds are forty points, enough for a trend."""

STALL_TIMES: Final = 3.0
STALL_NS: Final = 20_000_000
"""What a stall is, see `Course.stalls`: beyond what longer sequences make of a step, and beyond what a scheduler
takes a processor away for."""
TYPICAL: Final = 201
"""Newest step times whose median is what is usual."""

KEPT, ALLOCATED, USED, CLOCK, TEMPERATURE, RSS = (
    "torch_kept_bytes",
    "torch_allocated_bytes",
    "memory_used_bytes",
    "sm_clock_mhz",
    "temperature_c",
    "rss_bytes",
)
FOLLOWED: Final = frozenset({KEPT, ALLOCATED, USED, CLOCK, TEMPERATURE, RSS})
WORKER: Final = "worker"
MEMORY: Final = (KEPT, ALLOCATED, USED)
"""What is followed as a device's memory: the first that there is."""

Point = tuple[float | None, float | None, float | None, float | None, float | None, float | None]
"""What a stretch comes to, in the order of the fields of `Course`."""


class RunCourse:
    """Of one run."""

    def __init__(self) -> None:
        self._from_ns: int | None = None
        self._stretch_ns = FIRST_NS
        self._stretches: list[Stretch] = []
        self._newest: deque[int] = deque(maxlen=TYPICAL)
        self._stalls: deque[Slow] = deque(maxlen=MOST)
        self._events: deque[Event] = deque(maxlen=MOST)
        self._points: list[Point] = []
        self._changed = 0
        """The oldest stretch that is another than its point says."""
        self._asked: tuple[tuple[str, ...], str, int] = ((), "", 0)
        self._memory = USED
        """The gauge of the devices' memory."""

    def begin(self, at_ns: int) -> None:
        """Nothing before this instant is a part of it. What is there already is forgotten."""
        self._from_ns, self._stretch_ns, self._stretches = at_ns, FIRST_NS, []
        self._changed = 0
        self._newest.clear()
        self._stalls.clear()

    def add_steps(self, starts: Callable[[], Sequence[int]], walls: Sequence[int], portion: StepPortion) -> None:
        """Steps of the first rank, in order; `starts` is asked only when they tell of several stretches, or of a stall.

        A step belongs to the stretch in which it ends. `portion`: their sums.
        """
        self._look_for_stalls(starts, walls, portion.times.largest)
        self._newest.extend(walls[:: max(1, len(walls) // EACH)])
        took_ns, count, last_ns, units = portion.wall_ns, portion.count, portion.last_ns, portion.samples
        if self._from_ns is None or count == 1 or took_ns < self._stretch_ns // 4:
            self._add(last_ns, walls, units, took_ns)
            return
        began, first = starts(), 0
        while first < count:
            edge = self._edge(began[first] + walls[first])
            # The step before the one that begins behind the edge may end behind it too: that is near enough.
            beyond = max(first + 1, bisect_left(began, edge, first))
            part = walls[first:beyond]
            self._add(began[beyond - 1] + walls[beyond - 1], part, round(units * len(part) / count), sum(part))
            first = beyond

    def _edge(self, at_ns: int) -> int:
        """Where the stretch of an instant ends."""
        from_ns = self._from_ns or 0
        return from_ns + ((at_ns - from_ns) // self._stretch_ns + 1) * self._stretch_ns

    def add_requests(self, services: Sequence[int], last_ns: int, units: int) -> None:
        """Answers of any rank: what they took, and how many units they were."""
        self._add(last_ns, services, units, 0)

    def add_gauges(self, frame: Gauges) -> None:
        """Readings, of whatever phase: memory is taken in each."""
        if FOLLOWED.isdisjoint(frame.readings):
            return
        stretch = self._at(frame.at_ns)
        if stretch is None:
            return
        for name in FOLLOWED & frame.readings.keys():
            value = frame.readings[name]
            if isfinite(value):
                entry = stretch.readings.setdefault((frame.device, name), [0.0, 0.0])
                entry[0] += 1
                entry[1] += value

    def add_event(self, event: Event) -> None:
        """Something happened."""
        self._events.append(event)

    def view(self, gpus: Sequence[str], ranks: int) -> Course:
        """As it is now; `gpus`: the devices that it works on."""
        each = self._stretches
        told = {self._memory}.union(*({name for _, name in stretch.readings} for stretch in each[-2:]))
        self._memory = next(name for name in MEMORY if name in told)
        asked = (tuple(gpus), self._memory, ranks)
        if asked != self._asked:
            self._asked, self._points = asked, []
        # All but the newest stay as they are, so that a look costs the same however long a run is.
        points = self._points[: self._changed]
        points += [self._point(stretch, gpus, ranks) for stretch in each[len(points) :]]
        self._points, self._changed = points, max(0, len(points) - 1)
        steps, units, rss, memory, clock, temperature = zip(*points, strict=True) if points else ((),) * 6
        return Course(
            stretch_ns=self._stretch_ns if each else 0,
            from_ns=self._from_ns or 0,
            step_ns=steps,
            units_per_s=units,
            rss_bytes=rss,
            device_memory_bytes=memory,
            sm_clock_mhz=clock,
            temperature_c=temperature,
            stalls=tuple(self._stalls),
            events=tuple(self._events),
        )

    def _point(self, stretch: Stretch, gpus: Sequence[str], ranks: int) -> Point:
        """What a stretch comes to. All ranks do the steps that the first does; requests are those of all of them."""
        of_all, took_ns = (ranks, stretch.wall_ns) if stretch.wall_ns else (1, self._stretch_ns)
        return (
            stretch.median(),
            of_all * stretch.units * 1e9 / took_ns if stretch.count else None,
            stretch.mean(RSS, (WORKER,)),
            stretch.total(self._memory, gpus),
            stretch.mean(CLOCK, gpus),
            stretch.mean(TEMPERATURE, gpus),
        )

    def _look_for_stalls(self, starts: Callable[[], Sequence[int]], walls: Sequence[int], largest: int) -> None:
        if largest <= STALL_NS:
            return
        usual = statistics.median(self._newest or walls)
        limit = max(STALL_TIMES * usual, usual + STALL_NS)
        if largest > limit:
            pairs = zip(starts(), walls, strict=True)
            self._stalls.extend(Slow(start, wall) for start, wall in pairs if wall > limit)

    def _add(self, last_ns: int, walls: Sequence[int], units: int, wall_ns: int) -> None:
        stretch = self._at(last_ns - 1)
        if stretch is not None:
            stretch.add(walls, units, wall_ns)

    def _at(self, at_ns: int) -> Stretch | None:
        """The stretch of an instant, which may be new; None before the run began to count."""
        if self._from_ns is None or at_ns < self._from_ns:
            return None
        while (place := (at_ns - self._from_ns) // self._stretch_ns) >= MOST:
            self._double()
        while len(self._stretches) <= place:
            self._stretches.append(Stretch())
        self._changed = min(self._changed, place)
        return self._stretches[place]

    def _double(self) -> None:
        for even, odd in zip(self._stretches[::2], self._stretches[1::2], strict=False):
            even.merge(odd)
        self._stretches = self._stretches[::2]
        self._changed = 0
        self._stretch_ns *= 2
