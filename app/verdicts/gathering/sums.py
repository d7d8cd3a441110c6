"""Columns of samples summed, at the cost of a few calls a frame; of long frames some from a part of the rows.

At 100,000 steps a second a frame of 1,000 rows comes every 10 ms: nothing here takes a step of the interpreter for
each row but where a frame has few of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from app.session.live.histogram import Histogram, keys_of
from workloads.wire.columns import length, unpack_integers

COUNTED: Final = 64
"""Rows of a frame whose times are counted, at least, where it has as many: a median of a window of hundreds of frames
then has thousands to rest on. Of longer frames it is every second, third … row, each counted as often."""

MANY: Final = 500
EVERY: Final = 4

LONGEST_NS: Final = 7 * 86_400_000_000_000
"""A step of more than a week is none."""


class Unsound(ValueError):
    """Columns that cannot be what they say."""


def total(column: bytes) -> int:
    """The sum of a column. Raises ValueError for what is none, or is below zero.

    A column whose items are all the same is told by comparing its bytes with themselves, one item on.
    """
    size = 4 if column[:1] == b"I" else 8
    if len(column) > 1 + size and column[1 + size :] == column[1:-size]:
        return length(column) * sound(column[: 1 + size])[0]
    return sum(sound(column))


def about_total(column: bytes, number: int) -> int:
    """The same; of a column of `MANY` items and more from every fourth, beginning at another place in each frame.

    Only a workload of thousands of steps a second fills such a frame, and a window then has tens of thousands of items.
    `number`: which frame of many it is, so that what comes every fourth step is neither always met nor always missed.
    """
    count = length(column)
    if count < MANY:
        return total(column)
    items = unpack_integers(column)[number % EVERY :: EVERY].tolist()
    if min(items) < 0:
        raise Unsound("a column of times or counts has an item below zero")
    return round(sum(items) * count / len(items))


def sound(column: bytes) -> list[int]:
    """The items of a column of whole numbers. Raises ValueError when one is below zero.

    A list, since adding its items up takes a third of the time that those of an array take: they are made once.
    """
    array = unpack_integers(column)
    items = array.tolist()
    if array.typecode == "q" and items and min(items) < 0:
        raise Unsound("a column of times or counts has an item below zero")
    return items


def same_length(count: int, columns: Iterable[bytes]) -> None:
    """Whether all columns are of so many rows. Raises ValueError."""
    if any(length(column) != count for column in columns):
        raise Unsound("columns of one frame are of different lengths")


def times(values: Sequence[int]) -> Histogram:
    """Durations, counted from a part of them; the largest is exact."""
    stride = max(1, len(values) // COUNTED)
    counts = Counter(keys_of(values[::stride]))
    if stride > 1:
        for key in counts:
            counts[key] *= stride
    histogram = Histogram()
    # It counts by its keys: those of a part of the rows stand for all.
    histogram.add_counts(counts, counts.total(), max(values, default=0))
    return histogram


def item(column: bytes, place: int) -> int:
    """One item of a sound column; −1 is the last."""
    size = 4 if column[:1] == b"I" else 8
    first = 1 + size * place if place >= 0 else len(column) + size * place
    return unpack_integers(column[:1] + column[first : first + size])[0]
