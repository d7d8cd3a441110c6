"""A histogram of durations with bounded error and bounded size.

Log-linear buckets, as HdrHistogram has them (hdrhistogram.org): the leading bit and the six after it
name the bucket, so a value is known to within 2⁻⁷, 0.8 %, from nanoseconds to days. Quantiles that
must be exact are not for this file; they come from every sample, after the run.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

_BITS = 6
_MANTISSA = 1 << _BITS


class Histogram:
    """Counts of whole numbers of at least 0."""

    __slots__ = ("_counts", "count", "largest")

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self.count = 0
        self.largest = 0
        """Exact."""

    def add(self, values: Sequence[int]) -> None:
        """Count some values, about 0.2 µs each."""
        if values:
            self.add_keys(keys_of(values), max(values))

    def add_keys(self, keys: Sequence[int], largest: int) -> None:
        """Count values of which `keys_of` was already taken."""
        self._counts.update(keys)
        self.count += len(keys)
        self.largest = max(self.largest, largest)

    def quantiles(self, shares: Iterable[float]) -> list[float]:
        """For each share, rising from 0 to 1, the value at or below which it lies. Needs one value at least."""
        assert self.count
        found: list[float] = []
        counts = iter(sorted(self._counts.items()))
        key, seen = next(counts)
        for share in shares:
            while seen < math.ceil(share * self.count):
                key, here = next(counts)
                seen += here
            found.append(min(_middle(key), float(self.largest)))
        return found


def keys_of(values: Iterable[int]) -> list[int]:
    """The bucket of each value; larger values have larger keys."""
    return [
        value if value < 2 * _MANTISSA else ((shift := value.bit_length() - _BITS - 1) << _BITS) + (value >> shift)
        for value in values
    ]


def _middle(key: int) -> float:
    """The middle of a bucket."""
    if key < 2 * _MANTISSA:
        return float(key)
    shift = (key >> _BITS) - 1
    lowest = ((key & (_MANTISSA - 1)) + _MANTISSA) << shift
    return lowest + ((1 << shift) - 1) / 2
