"""Columns of samples summed: exact sums at the cost of a few calls a frame, times counted from a part of the rows.

At 100,000 steps a second a frame of 1,000 rows comes every 10 ms: nothing here takes a step of the interpreter for
each row but where a frame has few of them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nlargest
from typing import Final, NamedTuple

from app.session.histogram import Histogram, keys_of
from app.verdicts.window import Slow
from workloads.wire.columns import length, unpack_integers

COUNTED: Final = 128
"""Rows of a frame whose times are counted, at least, where it has as many: a median of a window of hundreds of frames
then has tens of thousands to rest on. Of longer frames it is every second, third … row, each counted as often."""

FEW: Final = 64
"""Rows of a frame among which the slowest are looked for; of longer ones it is the slowest alone."""

SLOWEST: Final = 10
"""Samples that are kept for being slow."""

LONGEST_NS: Final = 7 * 86_400_000_000_000
"""A step of more than a week is none."""


class Unsound(ValueError):
    """Columns that cannot be what they say."""


class Times(NamedTuple):
    """Durations of a frame or of many, counted by their keys."""

    counts: Counter[int]
    many: int
    largest: int


def total(column: bytes) -> int:
    """The sum of a column. Raises ValueError for what is none, or is below zero.

    A column whose items are all the same is told by comparing its bytes with themselves, one item on.
    """
    size = 4 if column[:1] == b"I" else 8
    if len(column) > 1 + size and column[1 + size :] == column[1:-size]:
        return length(column) * sound(column[: 1 + size])[0]
    return sum(sound(column))


def sound(column: bytes) -> array[int]:
    """The items of a column of whole numbers. Raises ValueError when one is below zero."""
    items = unpack_integers(column)
    if items.typecode == "q" and items and min(items) < 0:
        raise Unsound("a column of times or counts has an item below zero")
    return items


def same_length(count: int, columns: Iterable[bytes]) -> None:
    """Whether all columns are of so many rows. Raises ValueError."""
    if any(length(column) != count for column in columns):
        raise Unsound("columns of one frame are of different lengths")


def times(values: Sequence[int]) -> Times:
    """Durations, counted from a part of them; the largest is exact."""
    stride = max(1, len(values) // COUNTED)
    counts = Counter(keys_of(values[::stride]))
    if stride > 1:
        counts = Counter({key: many * stride for key, many in counts.items()})
    return Times(counts, len(values), max(values, default=0))


def slowest(walls: Sequence[int], starts: Sequence[int], largest: int) -> list[Slow]:
    """The slowest rows of a frame, the slowest first."""
    if len(walls) <= FEW:
        return [Slow(start, wall) for wall, start in nlargest(SLOWEST, zip(walls, starts, strict=True))]
    place = walls.index(largest)
    return [Slow(starts[place], largest)]


def slower(*groups: Iterable[Slow]) -> list[Slow]:
    """The slowest of several groups."""
    return nlargest(SLOWEST, (slow for group in groups for slow in group), key=lambda slow: slow.wall_ns)


def quantiles(counted: Iterable[Times], shares: Sequence[float]) -> list[float]:
    """Of all of them; zeros without any."""
    histogram = Histogram()
    for each in counted:
        # The histogram counts by its keys: those of a part of the rows stand for all.
        histogram.add_counts(each.counts, each.counts.total(), each.largest)
    return histogram.quantiles(shares) if histogram.count else [0.0] * len(shares)
