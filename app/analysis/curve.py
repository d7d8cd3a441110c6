"""A quantity that only grows, known at some instants: how much of it fell into given windows. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

Points = Sequence[tuple[int, float]]
"""(instant in nanoseconds, amount until then), in order of time."""


def integral(points: Points) -> list[tuple[int, float]]:
    """Readings of a rate a second → its amount until each instant, by the trapezoid rule."""
    if not points:
        return []
    areas = ((later - earlier) / 1e9 * (before + after) / 2 for (earlier, before), (later, after) in pairwise(points))
    return list(zip((at_ns for at_ns, _ in points), accumulate(areas, initial=0.0), strict=True))


def amount_within(points: Points, windows: Sequence[tuple[int, int]]) -> float | None:
    """How much fell into the windows (begin, end), linear between readings.

    None where no window reaches over two readings' time: then nothing was measured. What lies before
    the first reading or behind the last is not in it.
    """
    if len(points) < 2:
        return None
    inside = [(max(begin, points[0][0]), min(end, points[-1][0])) for begin, end in windows]
    inside = [(begin, end) for begin, end in inside if end > begin]
    if not inside:
        return None
    return sum(_value_at(points, end) - _value_at(points, begin) for begin, end in inside)


def _value_at(points: Points, at_ns: int) -> float:
    place = min(max(bisect_right(points, at_ns, key=lambda point: point[0]), 1), len(points) - 1)
    (earlier, before), (later, after) = points[place - 1], points[place]
    return before if later == earlier else before + (after - before) * (at_ns - earlier) / (later - earlier)
