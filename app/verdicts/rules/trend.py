"""Whether a row of readings has a trend: the slope by Theil and Sen, and the test of Mann and Kendall. Pure.

Both look at signs and medians only, so that a few outliers move neither. Readings are numbered from 0 and may be None.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

MOST_POINTS: Final = 48
"""More are first made fewer by medians of neighbours: pairs grow with the square, and are looked at every second."""


class Trend(msgspec.Struct, frozen=True):
    """A line through readings."""

    first: float
    """The line's value at the first reading."""
    last: float
    z: float
    """Of Mann and Kendall: above 3 (below −3) a row without a trend is like that once in a thousand times."""
    first_half: float
    """Change from the median of the first third to that of the second."""
    second_half: float
    """From the second third to the third."""

    @property
    def change(self) -> float:
        """Relative to the first value: 0.2 is a fifth more; 0 where that is nothing."""
        return self.last / self.first - 1 if self.first > 0 else 0.0

    @property
    def steady(self) -> bool:
        """Whether it goes on throughout; a jump from one level to another does not."""
        total = self.last - self.first
        return total != 0 and min(self.first_half / total, self.second_half / total) >= 0.2


def trend(readings: Sequence[float | None], fewest: int = 8) -> Trend | None:
    """Of a row with at least so many readings, else None."""
    points = [(float(at), value) for at, value in enumerate(readings) if value is not None]
    if len(points) < max(3, fewest):
        return None
    points = _fewer(points)
    slopes = [
        (later - earlier) / (after - before)
        for place, (before, earlier) in enumerate(points)
        for after, later in points[place + 1 :]
    ]
    slope = median(slopes)
    middle = median(value - slope * at for at, value in points)
    parts = [median(value for _, value in part) for part in _thirds(points)]
    return Trend(
        first=middle + slope * points[0][0],
        last=middle + slope * points[-1][0],
        z=_z(slopes, len(points)),
        first_half=parts[1] - parts[0],
        second_half=parts[2] - parts[1],
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


def _thirds(points: list[tuple[float, float]]) -> tuple[list[tuple[float, float]], ...]:
    third = len(points) // 3
    return points[:third], points[third : len(points) - third], points[len(points) - third :]


def _z(slopes: Sequence[float], count: int) -> float:
    """Mann (1945): the sum of signs against its spread in a row without a trend, one sign towards 0 for continuity."""
    signs = sum(_sign(slope) for slope in slopes)
    return (signs - _sign(signs)) / math.sqrt(count * (count - 1) * (2 * count + 5) / 18)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
