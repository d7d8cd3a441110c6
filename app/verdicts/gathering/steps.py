"""Steps of one rank → sums over the last seconds, and over all that was measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from app.session.histogram import Histogram
from app.verdicts.gathering.portions import Portions, Sums, together
from app.verdicts.gathering.sums import LONGEST_NS, Unsound, about_total, item, same_length, sound, times, total
from app.verdicts.window import StepSums
from workloads.wire.frames import Steps

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


@dataclass(slots=True, kw_only=True)
class StepPortion:
    """Steps that followed each other."""

    opened_ns: int
    """When the first began."""
    last_ns: int
    """When the last ended."""
    count: int
    wall_ns: int
    samples: int
    sums: Sums
    times: Histogram

    @property
    def reach_ns(self) -> int:
        """All of its steps have to be in it."""
        return self.opened_ns

    def merge(self, other: StepPortion) -> None:
        """Take in what came next."""
        self.opened_ns = min(self.opened_ns, other.opened_ns)
        self.last_ns = max(self.last_ns, other.last_ns)
        self.count += other.count
        self.wall_ns += other.wall_ns
        self.samples += other.samples
        self.sums.merge(other.sums)
        self.times.merge(other.times)


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
        opened_ns=first_ns,
        last_ns=last_ns,
        count=len(walls),
        wall_ns=sum(walls),
        samples=total(frame.samples),
        sums=Sums(
            Counter({name: about_total(column, number) for name, column in columns.items()}),
            Counter(dict.fromkeys(columns, len(walls))),
        ),
        times=counted,
    )
    return portion, walls


class RankSteps:
    """One rank: the newest portions, and the sum of all that was measured."""

    def __init__(self) -> None:
        self.portions: Portions[StepPortion] = Portions()
        self._frames = 0

    def take(self, frame: Steps, *, measured: bool) -> tuple[StepPortion, list[int]] | None:
        """The next steps; only what is measured is a part of the whole → as `portion_of`. Raises ValueError."""
        self._frames += 1
        found = portion_of(frame, self._frames)
        if found is not None:
            self.portions.add(found[0], measured=measured)
        return found

    def recent(self, from_ns: int, to_ns: int) -> StepSums | None:
        """Of the steps that ended between two instants; None without any."""
        return sums_of(together(self.portions.between(from_ns, to_ns)))

    def whole(self) -> StepSums | None:
        """Of all that was measured."""
        return sums_of(self.portions.whole())


def sums_of(portion: StepPortion | None) -> StepSums | None:
    """The sums that rules look at."""
    if portion is None:
        return None
    median, p95 = portion.times.quantiles((0.5, 0.95))
    return StepSums(
        count=portion.count,
        wall_ns=portion.wall_ns,
        median_ns=median,
        p95_ns=p95,
        samples=portion.samples,
        **portion.sums.of_all(portion.count),
    )
