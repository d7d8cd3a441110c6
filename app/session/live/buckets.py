"""Numbers over time in fixed buckets of absolute time, of which the newest are kept.

A bucket is its index times a fixed width, so that a chart of it moves by whole columns and two charts
of one session stand over each other. Of what lies before the kept buckets only means of longer stretches are known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from app.session.live.past import Past
from app.session.live.stretches import unpacked
from app.session.live.view import Series
from workloads.wire.frames import Stretches

BUCKET_NS = 1_000_000_000
KEPT = 480
"""Buckets that a course holds."""


class Course:
    """One number a bucket."""

    __slots__ = ("_newest", "_past", "_values")

    def __init__(self) -> None:
        self._values: list[float | None] = []
        self._newest = 0
        self._past = Past()

    def put(self, index: int, value: float | None) -> None:
        """The number of a bucket, in the place of an earlier one; of a forgotten bucket it is forgotten too."""
        ahead = index - self._newest
        if not self._values or ahead >= KEPT:
            self._past.add(self._newest - len(self._values) + 1, self._values)
            self._values, self._newest = [value], index
        elif ahead > 0:
            self._values += [None] * (ahead - 1)
            self._values.append(value)
            self._newest = index
            if len(self._values) > KEPT:
                self._past.add(index - len(self._values) + 1, self._values[:-KEPT])
                del self._values[:-KEPT]
        elif ahead > -len(self._values):
            self._values[ahead - 1] = value
        elif ahead > -KEPT:
            self._values[:0] = [value, *[None] * (-ahead - len(self._values))]

    def put_stretches(self, stretches: Stretches, seconds: int) -> None:
        """What was summed up: single buckets, or stretches of more, which come before these.

        Raises ValueError, nothing put, for columns that are not sound.
        """
        for index, total, count in unpacked(stretches, seconds):
            if seconds > 1:
                self._past.add_stretch(index, seconds, total, count)
            else:
                self.put(index, total / count)

    def series(self, last: int, width: int) -> Series:
        """The `width` buckets up to `last`."""
        ahead = last - self._newest
        known = self._values[: ahead or None] if ahead < 0 else self._values
        after = min(max(ahead, 0), width)
        known = known[-(width - after) :] if after < width else []
        before = width - after - len(known)
        return Series(BUCKET_NS, last, (*(None,) * before, *known, *(None,) * after))

    def whole(self) -> Series:
        """All of it from the beginning on, the mean of each of some hundred stretches of equal time."""
        last, means = self._past.means(self._newest - len(self._values) + 1, self._values)
        return Series(BUCKET_NS * self._past.parts, last, means)

    def __len__(self) -> int:
        return len(self._values)


class MeanCourse:
    """The mean of each bucket's numbers, which come in the order of time."""

    __slots__ = ("_count", "_index", "_total", "course")

    def __init__(self) -> None:
        self.course = Course()
        self._index: int | None = None
        self._total = 0.0
        self._count = 0

    def add(self, at_ns: int, value: float) -> None:
        """One number. One that comes late, when a later bucket has begun, is left out."""
        index = at_ns // BUCKET_NS
        if self._index is None or index > self._index:
            self._index, self._total, self._count = index, 0.0, 0
        elif index < self._index:
            return
        self._total += value
        self._count += 1
        self.course.put(index, self._total / self._count)


def spans(count: int, end_of: Callable[[int], int]) -> Iterator[tuple[int, int, int]]:
    """Samples whose ends rise → the bucket in which some ended, and the first and the one after the last of them."""
    begin = 0
    while begin < count:
        index = end_of(begin) // BUCKET_NS
        # At least one: times that do not rise, in a journal from a stranger, must not hold the loop up.
        end = max(begin + 1, bisect_right(range(count), (index + 1) * BUCKET_NS - 1, begin, key=end_of))
        yield index, begin, end
        begin = end


def spread(began_ns: int, amounts: Sequence[int], end_of: Callable[[int], int]) -> Iterator[tuple[int, float, int]]:
    """Work done without a pause from `began_ns` to the end of the last → per bucket, how much and in how many ns.

    Each amount was done evenly between the end of the one before and its own, so one that reaches over
    the edge of a bucket is shared: steps of 0.3 s make 3.3 a second, not 3, 3 and 4.
    """
    count = len(amounts)
    until = end_of(count - 1)
    if until <= began_ns:
        yield until // BUCKET_NS, float(sum(amounts)), 0
        return
    began_ns = max(began_ns, until - KEPT * BUCKET_NS)
    at, given = 0, 0.0
    for index in range(began_ns // BUCKET_NS, -(-until // BUCKET_NS)):
        edge = min((index + 1) * BUCKET_NS, until)
        after = bisect_right(range(count), edge, at, key=end_of)
        done = sum(amounts[at:after]) - given
        given = 0.0
        if after < count:
            row_began = end_of(after - 1) if after else began_ns
            given = amounts[after] * min(1.0, max(0.0, (edge - row_began) / max(1, end_of(after) - row_began)))
        at = after
        yield index, done + given, edge - max(began_ns, index * BUCKET_NS)
