"""Whether a row of readings has a trend: the slope by Theil and Sen, and the test of Mann and Kendall. Pure.

Both look at signs and medians only, so that a few outliers move neither. Readings are numbered from 0 and may be None.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

import msgspec

MOST_POINTS: Final = 48
"""More are first made fewer by medians of neighbours: pairs grow with the square, and are looked at every second."""


EVEN: Final = 0.12
"""Of the change from the first quarter to the last, that must lie between each two; on a line it is a third."""


class Trend(msgspec.Struct, frozen=True):
    """A line through readings."""

    first: float
    """The line's value at the first reading."""
    last: float
    z: float
    """Of Mann and Kendall: above 3 (below −3) a row without a trend is like that once in a thousand times."""
    slope: float
    """A reading."""
    quarters: tuple[float, float, float]
    """How the medians of the four quarters of the row follow each other."""

    @property
    def change(self) -> float:
        """Relative to the first value: 0.2 is a fifth more; 0 where that is nothing."""
        return self.last / self.first - 1 if self.first > 0 else 0.0

    @property
    def steady(self) -> bool:
        """Whether it goes on throughout. A jump from one level to another is in two of the three changes at most."""
        total = sum(self.quarters)
        return total != 0 and min(change / total for change in self.quarters) >= EVEN


def trend(readings: Sequence[float | None], fewest: int = 8) -> Trend | None:
    """Of a row with at least so many readings, else None."""
    points = [(float(at), value) for at, value in enumerate(readings) if value is not None]
    if len(points) < max(4, fewest):
        return None
    points = _fewer(points)
    slopes = [
        (later - earlier) / (after - before)
        for place, (before, earlier) in enumerate(points)
        for after, later in points[place + 1 :]
    ]
    slope = median(slopes)
    middle = median(value - slope * at for at, value in points)
    parts = [median(value for _, value in part) for part in _quarters(points)]
    return Trend(
        first=middle + slope * points[0][0],
        last=middle + slope * points[-1][0],
        z=_z(slopes, len(points)),
        slope=slope,
        quarters=(parts[1] - parts[0], parts[2] - parts[1], parts[3] - parts[2]),
    )


def together(one: Sequence[float | None], other: Sequence[float | None]) -> float:
    """Kendall's τ: 1 where both always rise and fall together, −1 where against each other; 0 for too few pairs."""
    both = [(a, b) for a, b in zip(one, other, strict=False) if a is not None and b is not None]
    if len(both) < 8:
        return 0.0
    both = both[:: -(-len(both) // MOST_POINTS)]
    signs = [
        _sign((later[0] - before[0]) * (later[1] - before[1]))
        for place, before in enumerate(both)
        for later in both[place + 1 :]
    ]
    return sum(signs) / len(signs)


def _fewer(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    size = -(-len(points) // MOST_POINTS)
    parts = [points[at : at + size] for at in range(0, len(points), size)]
    return [(median(at for at, _ in part), median(value for _, value in part)) for part in parts]


def _quarters(points: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    ends = [round(part * len(points) / 4) for part in range(5)]
    return [points[one:other] for one, other in pairwise(ends)]


def _z(slopes: Sequence[float], count: int) -> float:
    """Mann (1945): the sum of signs against its spread in a row without a trend, one sign towards 0 for continuity."""
    signs = sum(_sign(slope) for slope in slopes)
    return (signs - _sign(signs)) / math.sqrt(count * (count - 1) * (2 * count + 5) / 18)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
