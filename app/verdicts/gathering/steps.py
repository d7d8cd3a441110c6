"""Steps of one rank → sums over the last seconds, and over all that was measured."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.verdicts.gathering.sums import (
    LONGEST_NS,
    Times,
    Unsound,
    about_total,
    item,
    quantiles,
    same_length,
    sound,
    times,
    total,
)
from app.verdicts.window import StepSums
from workloads.wire.frames import Steps

GRAIN_NS: Final = 250_000_000
"""Frames of less are put together: forty portions make a window of ten seconds, however fast the frames come."""

MOST_PORTIONS: Final = 4_096
"""Portions that are kept, whatever their times say."""

SUMMED: Final = (
    "tokens",
    "data_wait_ns",
    "h2d_ns",
    "forward_ns",
    "backward_ns",
    "optimizer_ns",
    "device_ns",
    "comm_ns",
    "sync_ns",
    "syncs",
    "h2d_bytes",
    "pageable_bytes",
    "ahead_ns",
    "launches",
)
"""Columns that are summed and may not be there."""

ENOUGH: Final = 0.8
"""Of the steps must have a column; the mean of these then stands for the others. A few lack the device's time, whose
events were not done when the row was told; a column that half of them lack tells of another thing than the steps."""


@dataclass(slots=True, kw_only=True)
class StepPortion:
    """Steps that followed each other."""

    first_ns: int
    """When the first began."""
    last_ns: int
    """When the last ended."""
    count: int
    wall_ns: int
    samples: int
    sums: dict[str, int]
    """Column → sum over those that have it."""
    having: dict[str, int]
    """Column → how many have it."""
    times: Times

    def merge(self, other: StepPortion) -> None:
        """Take in what came next."""
        self.first_ns = min(self.first_ns, other.first_ns)
        self.last_ns = max(self.last_ns, other.last_ns)
        self.count += other.count
        self.wall_ns += other.wall_ns
        self.samples += other.samples
        for name, amount in other.sums.items():
            self.sums[name] = self.sums.get(name, 0) + amount
            self.having[name] = self.having.get(name, 0) + other.having[name]
        self.times.counts.update(other.times.counts)
        self.times = Times(
            self.times.counts, self.times.many + other.times.many, max(self.times.largest, other.times.largest)
        )


def portion_of(frame: Steps, number: int) -> tuple[StepPortion, list[int]] | None:
    """A frame's steps summed, and their step times as they are; None without any.

    `number`: which frame of its rank it is. Raises ValueError for columns that are not sound.
    """
    walls = sound(frame.wall_ns)
    columns = {name: column for name in SUMMED if (column := getattr(frame, name)) is not None}
    same_length(len(walls), (frame.start_ns, frame.samples, *columns.values()))
    if not walls:
        return None
    counted = times(walls)
    first_ns, last_ns = item(frame.start_ns, 0), item(frame.start_ns, -1) + walls[-1]
    if counted.largest > LONGEST_NS or not 0 <= first_ns <= last_ns:
        raise Unsound("a step of more than a week, or steps that are not in order")
    portion = StepPortion(
        first_ns=first_ns,
        last_ns=last_ns,
        count=len(walls),
        wall_ns=sum(walls),
        samples=total(frame.samples),
        sums={name: about_total(column, number) for name, column in columns.items()},
        having=dict.fromkeys(columns, len(walls)),
        times=counted,
    )
    return portion, walls


class RankSteps:
    """One rank: the newest portions, and the sum of all that was measured."""

    def __init__(self) -> None:
        self._recent: deque[StepPortion] = deque(maxlen=MOST_PORTIONS)
        self._whole: StepPortion | None = None
        self._open = False
        """Whether the newest portion may grow, and is measured and not yet a part of the whole."""
        self._frames = 0

    def take(self, frame: Steps, *, measured: bool) -> tuple[StepPortion, list[int]] | None:
        """The next steps; only what is measured is a part of the whole → as `portion_of`. Raises ValueError."""
        self._frames += 1
        found = portion_of(frame, self._frames)
        if found is None:
            return None
        portion = found[0]
        last = self._recent[-1] if self._recent else None
        if last is not None and self._open == measured and 0 <= portion.last_ns - last.first_ns < GRAIN_NS:
            last.merge(portion)
            return found
        self._close()
        self._recent.append(_copy(portion))
        self._open = measured
        return found

    def _close(self) -> None:
        """The newest portion has all that it will have."""
        if not self._open:
            return
        if self._whole is None:
            self._whole = _copy(self._recent[-1])
        else:
            self._whole.merge(self._recent[-1])
        self._open = False

    def forget(self) -> None:
        """What comes from here on is not to be put together with what was."""
        self._close()
        self._recent.clear()

    def prune(self, before_ns: int) -> None:
        """Nobody will ask for what ended before that."""
        while self._recent and self._recent[0].last_ns <= before_ns:
            if len(self._recent) == 1:
                self._close()
            self._recent.popleft()

    def reach(self, from_ns: int, fewest: int) -> int:
        """How far back one has to look for so many steps, no less than to `from_ns`."""
        count, reached = 0, from_ns
        for portion in reversed(self._recent):
            if portion.last_ns <= from_ns and count >= fewest:
                break
            count += portion.count
            reached = min(reached, portion.first_ns)
        return reached

    def recent(self, from_ns: int, to_ns: int) -> StepSums | None:
        """Of the steps that ended between two instants; None without any."""
        return sums_of([portion for portion in self._recent if from_ns < portion.last_ns <= to_ns])

    def whole(self) -> StepSums | None:
        """Of all that was measured."""
        self._close()
        return None if self._whole is None else sums_of([self._whole])


def sums_of(portions: Iterable[StepPortion]) -> StepSums | None:
    """The sums that rules look at."""
    each = list(portions)
    if not each:
        return None
    count = sum(portion.count for portion in each)
    sums: Counter[str] = Counter()
    having: Counter[str] = Counter()
    for portion in each:
        sums.update(portion.sums)
        having.update(portion.having)
    median, p95 = quantiles((portion.times for portion in each), (0.5, 0.95))
    columns = {name: round(sums[name] * count / many) for name, many in having.items() if many >= ENOUGH * count}
    return StepSums(
        count=count,
        wall_ns=sum(portion.wall_ns for portion in each),
        median_ns=median,
        p95_ns=p95,
        samples=sum(portion.samples for portion in each),
        **columns,
    )


def _copy(portion: StepPortion) -> StepPortion:
    counted = portion.times
    return StepPortion(
        first_ns=portion.first_ns,
        last_ns=portion.last_ns,
        count=portion.count,
        wall_ns=portion.wall_ns,
        samples=portion.samples,
        sums=dict(portion.sums),
        having=dict(portion.having),
        times=Times(Counter(counted.counts), counted.many, counted.largest),
    )
