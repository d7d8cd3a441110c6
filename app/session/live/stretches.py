"""One number over time, summed up by stretches: the columns of a frame → stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from workloads.wire.columns import unpack, unpack_integers
from workloads.wire.frames import Stretches

LONGEST = 1 << 20
"""Seconds of a stretch at most: twelve days."""


def unpacked(stretches: Stretches, seconds: int) -> Iterator[tuple[int, float, int]]:
    """Index, sum and count of each. Raises ValueError for columns that are not sound."""
    if not 1 <= seconds <= LONGEST or seconds & (seconds - 1):
        raise ValueError(f"a stretch is of 1, 2, 4 … {LONGEST} seconds, not of {seconds}")
    indexes, counts = unpack_integers(stretches.index), unpack_integers(stretches.count)
    totals = unpack(stretches.total)
    if not len(indexes) == len(totals) == len(counts):
        raise ValueError(f"columns of {len(indexes)}, {len(totals)} and {len(counts)} items")
    if indexes and (min(indexes) < 0 or min(counts) < 1 or not all(map(isfinite, totals))):
        raise ValueError("stretches before time began, of nothing, or of what is no number")
    return zip(indexes, totals, counts, strict=True)
