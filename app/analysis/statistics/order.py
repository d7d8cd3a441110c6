"""Exact values at some places of a sorted column that is never sorted, nor held in memory.

A histogram of it says in which bucket each of these places lies, and one reading of the column counts every whole
number in those buckets.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from app.analysis.statistics.grouped import bucket_keys

if TYPE_CHECKING:
    from app.analysis.statistics.grouped import Column

WIDEST: Final = 1 << 22
"""Whole numbers in a bucket that are counted one by one: those of half a second. Of a wider one the values are kept."""
_KEYS: Final = 1 << 16


class OrderStatistics:
    """Of non-negative whole numbers."""

    def __init__(self, keys: Column, counts: Column, places: Iterable[int]) -> None:
        """`keys` rise, with the `counts` of all values; `places` count from 0, the smallest value."""
        import numpy as np

        self._keys, self._reached = keys, np.cumsum(counts)
        self._before = self._reached - counts
        wanted = np.unique(np.searchsorted(self._reached, sorted(set(places)), side="right"))
        self._wanted = np.zeros(_KEYS, dtype=bool)
        self._first = np.zeros(_KEYS, dtype=np.int64)
        """What is added to a value of a bucket, for its cell."""
        self._cells: dict[int, tuple[int, int, int]] = {}
        """Bucket → its first cell, the one after its last, and the value of the first."""
        self._kept: dict[int, list[Column]] = {}
        size = 0
        for key in (int(keys[place]) for place in wanted):
            lowest, width = _span(key)
            self._wanted[key] = True
            if width > WIDEST:
                self._kept[key] = []
                continue
            self._cells[key] = (size, size + width, lowest)
            self._first[key] = size - lowest
            size += width
        self._counts = np.zeros(size, dtype=np.int64)

    def add(self, values: Column) -> None:
        """Some of the column, in any order; all of it once."""
        import numpy as np

        keys = bucket_keys(values)
        inside = np.flatnonzero(self._wanted[keys])
        values, keys = values[inside], keys[inside]
        for key, kept in self._kept.items():
            kept.append(values[keys == key])
        if self._kept:
            narrow = ~np.isin(keys, list(self._kept))
            values, keys = values[narrow], keys[narrow]
        self._counts += np.bincount(values + self._first[keys], minlength=len(self._counts))

    @property
    def fits(self) -> bool:
        """Whether as many values were found in those buckets as the histogram says."""
        found = {key: int(self._counts[first:beyond].sum()) for key, (first, beyond, _) in self._cells.items()}
        found |= {key: sum(map(len, kept)) for key, kept in self._kept.items()}
        said = dict(zip(self._keys.tolist(), (self._reached - self._before).tolist(), strict=True))
        return all(said[key] == count for key, count in found.items())

    def at(self, place: int) -> int:
        """The value at one of the places, once the whole column was added. Raises IndexError where it does not fit."""
        import numpy as np

        bucket = int(np.searchsorted(self._reached, place, side="right"))
        key, within = int(self._keys[bucket]), place - int(self._before[bucket])
        if key in self._kept:
            return int(np.sort(np.concatenate(self._kept[key]))[within])
        first, beyond, lowest = self._cells[key]
        cell = int(np.searchsorted(np.cumsum(self._counts[first:beyond]), within, side="right"))
        if cell >= beyond - first:
            raise IndexError(f"no value at place {place}")
        return lowest + cell


def _span(key: int) -> tuple[int, int]:
    """The lowest whole number that a bucket may have, and how many from it on; rounding to 32 bits may add some."""
    import numpy as np

    edges = np.array([key << 16, (key << 16) | 0xFFFF], dtype=np.uint32).view(np.float32).astype(float)
    slack = int(edges[1]) >> 20
    lowest = max(0, int(edges[0]) - slack - 1)
    return lowest, int(edges[1]) + slack + 2 - lowest
