"""Portions: samples that were told one after the other, summed. The newest of a run, and all that was measured as one.

What the sums are of says `StepPortion` or `RequestPortion`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, Self, TypeVar

GRAIN_NS: Final = 250_000_000
"""Frames of less are put together: forty portions make a window of ten seconds, however fast the frames come."""

MOST_PORTIONS: Final = 1_024
"""Portions that are kept, whatever their times say: of a clock that is ahead none would be dropped. Twice as many as
the longest window has."""

AT_ONCE: Final = 20
"""Portions that are added to the whole at a time."""

ENOUGH: Final = 0.8
"""Of the samples must have a column; the mean of these then stands for the others. A few lack the device's time, whose
events were not done when the row was told; a column that half of them lack tells of another thing than the steps."""


@dataclass(slots=True)
class Sums:
    """Columns that may not be there."""

    totals: dict[str, int] = field(default_factory=dict)
    """Column → sum over those samples that have it."""
    having: dict[str, int] = field(default_factory=dict)
    """Column → how many have it."""

    def merge(self, *others: Sums) -> None:
        """Take in those of other samples."""
        self.totals = added([self.totals, *(each.totals for each in others)])
        self.having = added([self.having, *(each.having for each in others)])

    def of_all(self, count: int) -> dict[str, int]:
        """As if all of so many samples had what most of them have (`ENOUGH`); without the other columns."""
        return {
            name: round(self.totals[name] * count / many)
            for name, many in self.having.items()
            if many >= ENOUGH * count
        }


def added(each: Sequence[dict[str, int]]) -> dict[str, int]:
    """The sums of what stands under the same names. Most often all have the same, and no step is taken for each."""
    names = list(each[0])
    if all(list(one) == names for one in each):
        return dict(zip(names, map(sum, zip(*(one.values() for one in each), strict=True)), strict=True))
    sums = Counter[str]()
    for one in each:
        sums.update(one)
    return dict(sums)


class Portion(Protocol):
    """Samples, summed."""

    last_ns: int
    """When the last of them ended."""
    count: int

    @property
    def opened_ns(self) -> int:
        """From when on it may take in `GRAIN_NS`."""

    @property
    def reach_ns(self) -> int:
        """How far back a window has to reach to hold it."""

    def merge(self, *others: Self) -> None:
        """Take in what came next."""

    def copy(self) -> Self:
        """One that grows by itself."""


Some = TypeVar("Some", bound=Portion)


def together(portions: Sequence[Some]) -> Some | None:
    """All of them as one; None without any."""
    if not portions:
        return None
    whole = portions[0].copy()
    whole.merge(*portions[1:])
    return whole


class Portions(Generic[Some]):
    """The newest, and the sum of all that was measured."""

    def __init__(self) -> None:
        self._recent: deque[Some] = deque(maxlen=MOST_PORTIONS)
        self._whole: Some | None = None
        self._closed: list[Some] = []
        """Measured, will grow no more, and are no part of the whole yet: many are added to it at once."""
        self._open = False
        """Whether the newest portion may grow, and is measured and not yet a part of the whole."""

    def add(self, portion: Some, *, measured: bool) -> None:
        """What came next, which is kept, and may grow from the next call on; only what is measured is of the whole."""
        last = self._recent[-1] if self._recent else None
        if last is not None and self._open == measured and 0 <= portion.last_ns - last.opened_ns < GRAIN_NS:
            last.merge(portion)
            return
        self._close()
        self._recent.append(portion)
        self._open = measured

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
        """How far back one has to look for so many samples, no less than to `from_ns`."""
        count, reached = 0, from_ns
        for portion in reversed(self._recent):
            if portion.last_ns <= from_ns and count >= fewest:
                break
            count += portion.count
            reached = min(reached, portion.reach_ns)
        return reached

    def between(self, from_ns: int, to_ns: int) -> list[Some]:
        """Those that ended between two instants."""
        return [portion for portion in self._recent if from_ns < portion.last_ns <= to_ns]

    def whole(self) -> Some | None:
        """All that was measured; None without any."""
        self._close()
        self._sum_up()
        return self._whole

    def _close(self) -> None:
        """The newest portion has all that it will have."""
        if not self._open:
            return
        self._open = False
        self._closed.append(self._recent[-1])
        if len(self._closed) >= AT_ONCE:
            self._sum_up()

    def _sum_up(self) -> None:
        if self._closed:
            self._whole = together([self._whole, *self._closed] if self._whole is not None else self._closed)
            self._closed = []
