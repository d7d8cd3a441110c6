"""What lies before the newest buckets of a course: means over stretches of time that become longer as time goes on.

Memory does not grow: when there are too many stretches, every two become one.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST = 480
"""Stretches that are kept."""


class Past:
    """Sums and counts of stretches of `parts` buckets each, a power of two."""

    __slots__ = ("_counts", "_first", "_sums", "parts")

    def __init__(self) -> None:
        self.parts = 1
        self._first = 0
        self._sums: list[float] = []
        self._counts: list[int] = []

    def add(self, index: int, values: Iterable[float | None]) -> None:
        """Numbers of buckets from `index` on. What lies before the first that was ever added is left out."""
        for at, value in enumerate(values, index):
            if value is not None:
                self._put(at, value, 1)

    def add_stretch(self, index: int, seconds: int, total: float, count: int) -> None:
        """The sum of some numbers of a stretch of `seconds` buckets, a power of two, from `index` times that on."""
        while self.parts < seconds:
            self._merge()
        self._put(index * seconds, total, count)

    def means(self, index: int, values: Iterable[float | None]) -> tuple[int, tuple[float | None, ...]]:
        """Of all stretches, with the numbers of the buckets from `index` on → the last stretch, and the means."""
        whole = Past()
        whole.parts, whole._first = self.parts, self._first
        whole._sums, whole._counts = self._sums.copy(), self._counts.copy()
        whole.add(index, values)
        means = tuple(total / count if count else None for total, count in zip(whole._sums, whole._counts, strict=True))
        self._lengthen_like(whole)
        return whole._first + len(means) - 1, means

    def _lengthen_like(self, whole: Past) -> None:
        """So that the next look finds the stretches as long as this one said they are."""
        while self.parts < whole.parts:
            self._merge()

    def _put(self, index: int, value: float, count: int) -> None:
        if not self._sums:
            self._first = index // self.parts
        while index // self.parts - self._first >= MOST:
            self._merge()
        place = index // self.parts - self._first
        if place < 0:
            return
        missing = place + 1 - len(self._sums)
        if missing > 0:
            self._sums += [0.0] * missing
            self._counts += [0] * missing
        self._sums[place] += value
        self._counts[place] += count

    def _merge(self) -> None:
        """Two stretches become one."""
        if self._sums and self._first % 2:
            self._sums.insert(0, 0.0)
            self._counts.insert(0, 0)
        if len(self._sums) % 2:
            self._sums.append(0.0)
            self._counts.append(0)
        self._sums = [a + b for a, b in zip(self._sums[::2], self._sums[1::2], strict=True)]
        self._counts = [a + b for a, b in zip(self._counts[::2], self._counts[1::2], strict=True)]
        self._first //= 2
        self.parts *= 2

    def __len__(self) -> int:
        return len(self._sums)
