"""Numbers over time in a bounded ring of fixed buckets of absolute time.

A bucket is its index times a fixed width, so that a chart of it moves by whole columns and two charts
of one session stand over each other. What lies before the ring is forgotten.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from app.session.view import Series

BUCKET_NS = 1_000_000_000
KEPT = 480
"""Buckets that a ring holds."""

_Cell = TypeVar("_Cell")


class Ring(Generic[_Cell]):
    """The newest KEPT buckets, each with a cell that `make` makes when the first number falls into it."""

    def __init__(self, make: Callable[[], _Cell]) -> None:
        self._make = make
        self._cells: dict[int, _Cell] = {}
        self._newest = 0
        self._past: dict[object, tuple[int, int, tuple[float | None, ...]]] = {}

    def at(self, index: int) -> _Cell | None:
        """The cell of a bucket, to add to; None where it is already forgotten."""
        if index < self._newest:
            self._past.clear()
        cell = self._cells.get(index)
        if cell is None and index > self._newest - KEPT:
            cell = self._cells[index] = self._make()
            if index > self._newest:
                self._newest = index
                self._past.clear()
                self._forget()
        return cell

    def series(self, last: int, width: int, value: Callable[[_Cell], float | None]) -> Series:
        """The `width` buckets up to `last`. `value` is a function that stays the same from call to call.

        What lies before the newest bucket is worked out once, not at every look.
        """
        known = self._past.get(value)
        if known is None or known[:2] != (last, width) or last > self._newest:
            known = (last, width, tuple(self._value(index, value) for index in range(last - width + 1, last)))
            self._past[value] = known
        return Series(BUCKET_NS, last, (*known[2], self._value(last, value)))

    def __len__(self) -> int:
        return len(self._cells)

    def _value(self, index: int, value: Callable[[_Cell], float | None]) -> float | None:
        cell = self._cells.get(index)
        return None if cell is None else value(cell)

    def _forget(self) -> None:
        while len(self._cells) > KEPT:
            del self._cells[min(self._cells)]


class Mean:
    """A mean that is still being taken."""

    __slots__ = ("count", "total")

    def __init__(self) -> None:
        self.total = 0.0
        self.count = 0

    def add(self, total: float, count: int = 1) -> None:
        """Some numbers, by their sum."""
        self.total += total
        self.count += count

    @property
    def value(self) -> float | None:
        """None while there is nothing to take the mean of."""
        return self.total / self.count if self.count else None


def spans(times: Sequence[int] | array[int]) -> Iterator[tuple[int, int, int]]:
    """Rising times → the bucket, and where its part of the times begins and ends."""
    begin = 0
    while begin < len(times):
        index = times[begin] // BUCKET_NS
        # At least one: times that do not rise, in a journal from a stranger, must not hold the loop up.
        end = max(begin + 1, bisect_left(times, (index + 1) * BUCKET_NS, begin))
        yield index, begin, end
        begin = end
