"""Steps of one rank → sums over the last seconds, and over all that was measured."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from msgspec.structs import astuple

from app.session.live.histogram import Histogram
from app.verdicts.gathering.portions import GRAIN_NS, Portions, Sums, together
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

LOOKED_AT: Final = frozenset({"start_ns", "wall_ns", "samples", *SUMMED})

ASIDE_NS: Final = 2 * GRAIN_NS
MOST_ASIDE: Final = 64
"""Time and frames that are summed at once, of ranks that are only compared with each other, by the mean of a step."""


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

    def merge(self, *others: StepPortion) -> None:
        """Take in what came next."""
        for other in others:
            self.opened_ns = min(self.opened_ns, other.opened_ns)
            self.last_ns = max(self.last_ns, other.last_ns)
            self.count += other.count
            self.wall_ns += other.wall_ns
            self.samples += other.samples
        self.sums.merge(*(other.sums for other in others))
        self.times.merge(*(other.times for other in others))

    def copy(self) -> StepPortion:
        """One that grows by itself."""
        times = Histogram()
        times.merge(self.times)
        return replace(self, sums=Sums(dict(self.sums.totals), dict(self.sums.having)), times=times)


def joined(frames: Sequence[Steps]) -> Steps:
    """Frames that followed each other as one. Raises ValueError where their columns are not alike."""
    if len(frames) == 1:
        return frames[0]
    columns = {}
    for name, parts in zip(Steps.__struct_fields__, zip(*map(astuple, frames), strict=True), strict=True):
        if name not in LOOKED_AT or (lacking := parts.count(None)) == len(parts):
            continue
        if lacking or len({part[:1] for part in parts}) > 1:
            raise Unsound("frames have different columns")
        columns[name] = parts[0] + b"".join([part[1:] for part in parts[1:]])
    return Steps(run=frames[0].run, rank=frames[0].rank, **columns)


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
            {name: about_total(column, number) for name, column in columns.items()},
            dict.fromkeys(columns, len(walls)),
        ),
        times=counted,
    )
    return portion, walls


class RankSteps:
    """One rank: the newest portions, and the sum of all that was measured."""

    def __init__(self) -> None:
        self._portions: Portions[StepPortion] = Portions()
        self._frames = 0
        self._aside: list[Steps] = []
        self._aside_measured = False
        self._aside_ns = 0
        """When the first step of what was put aside began."""

    @property
    def portions(self) -> Portions[StepPortion]:
        """Of all that was told."""
        self._take_aside()
        return self._portions

    def take(self, frame: Steps, *, measured: bool) -> tuple[StepPortion, list[int]] | None:
        """The next steps; only what is measured is a part of the whole → as `portion_of`. Raises ValueError."""
        self._take_aside()
        return self._add(frame, measured=measured)

    def put_aside(self, frame: Steps, *, measured: bool) -> None:
        """The same without a word about them: frames of few steps are summed together. Raises ValueError."""
        began_ns = item(frame.start_ns, 0) if len(frame.start_ns) > 1 else 0
        goes_on = measured == self._aside_measured and 0 <= began_ns - self._aside_ns < ASIDE_NS
        if not goes_on or len(self._aside) >= MOST_ASIDE:
            self._take_aside()
        if not self._aside:
            self._aside_measured, self._aside_ns = measured, began_ns
        self._aside.append(frame)

    def _take_aside(self) -> None:
        frames, self._aside = self._aside, []
        if not frames:
            return
        measured = self._aside_measured
        try:
            self._add(joined(frames), measured=measured)
        except (ValueError, OverflowError, LookupError):
            for frame in frames:  # one whose columns are not sound costs no other
                with suppress(ValueError, OverflowError, LookupError):
                    self._add(frame, measured=measured)

    def _add(self, frame: Steps, *, measured: bool) -> tuple[StepPortion, list[int]] | None:
        self._frames += 1
        found = portion_of(frame, self._frames)
        if found is not None:
            self._portions.add(found[0], measured=measured)
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
