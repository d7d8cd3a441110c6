"""A histogram of durations with bounded error and bounded size.

Log-linear buckets, as HdrHistogram has them (hdrhistogram.org): a power of two and the seven bits after
its leading one name the bucket, so a value is known to within 2⁻⁸, 0.4 %, from nanoseconds to days.
Quantiles that must be exact are not for this file; they come from every sample, after the run.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from workloads.wire.columns import unpack_integers
from workloads.wire.frames import Counts

_UPPER = 1 if sys.byteorder == "little" else 0
_FLOAT = struct.Struct(">f")
_LARGEST_KEY = 0xFFFF


class Histogram:
    """Counts of whole numbers of at least 0."""

    __slots__ = ("_counts", "_worked_out", "count", "largest")

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._worked_out: tuple[int, tuple[float, ...], list[float]] = (0, (), [])
        self.count = 0
        self.largest = 0
        """Exact."""

    def add(self, values: Sequence[int]) -> None:
        """Count some values, about 0.15 µs each."""
        if values:
            self.add_counts(Counter(keys_of(values)), len(values), max(values))

    def add_counts(self, counts: Mapping[int, int], count: int, largest: int) -> None:
        """Count values that were already counted by their `keys_of`: a few additions however many they are."""
        self._counts.update(counts)
        self.count += count
        self.largest = max(self.largest, largest)

    def merge(self, *others: Histogram) -> None:
        """Take in what others have counted."""
        counts = self._counts
        so_far = counts.get
        for other in others:
            for key, many in other._counts.items():  # noqa: SLF001 - of its own kind
                counts[key] = so_far(key, 0) + many
            self.count += other.count
            self.largest = max(self.largest, other.largest)

    def quantiles(self, shares: Sequence[float]) -> list[float]:
        """For each share from 0 to 1 the value at that part of the way from the smallest to the largest.

        Between two values it is linear, as in the tables' own summary, so that both show the same. Needs one
        value at least.
        """
        assert self.count
        count, asked, found = self._worked_out
        if count != self.count or asked != tuple(shares):
            found = self._find(shares)
            self._worked_out = (self.count, tuple(shares), found)
        return found

    def _find(self, shares: Sequence[float]) -> list[float]:
        keys = sorted(self._counts)
        reached = list(accumulate(self._counts[key] for key in keys))

        def value(rank: int) -> float:
            return min(_middle(keys[bisect_right(reached, rank)]), float(self.largest))

        places = [share * (self.count - 1) for share in shares]
        return [value(int(p)) + (p - int(p)) * (value(math.ceil(p)) - value(int(p))) for p in places]


def counted(counts: Counts | None) -> tuple[dict[int, int], int, int]:
    """What `Histogram.add_counts` takes, of a frame: by bucket, of all, the largest. Raises ValueError if not sound."""
    if counts is None:
        return {}, 0, 0
    keys, amounts = unpack_integers(counts.keys), unpack_integers(counts.counts)
    if len(keys) != len(amounts) or any(key < 0 or key > _LARGEST_KEY for key in keys) or any(n < 0 for n in amounts):
        raise ValueError("a histogram whose buckets or counts are none")
    return dict(zip(keys, amounts, strict=True)), sum(amounts), counts.largest


def keys_of(values: Iterable[int]) -> list[int]:
    """The bucket of each value; larger values never have smaller keys.

    The upper half of a 32-bit float is its exponent and the seven bits after the leading one, which is
    the key that is wanted: made for all values at once, without a step of the interpreter for each.
    """
    floats = array("f", values.tolist() if isinstance(values, array) else list(values))
    return memoryview(floats).cast("B").cast("H")[_UPPER::2].tolist()


def _middle(key: int) -> float:
    """The middle of a bucket."""
    if not key:
        return 0.0
    lowest, beyond = (float(_FLOAT.unpack(struct.pack(">HH", key, low))[0]) for low in (0, 0xFFFF))
    return (lowest + beyond) / 2
