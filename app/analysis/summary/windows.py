"""Measured time: how much of any stretch of time lies in measure phases. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

Windows = Sequence[tuple[int, int]]
"""Measure phases as (begin, end), nanoseconds of the host's clock, in order of time."""


def measured_until(windows: Windows, instants: pl.Series) -> pl.Series:
    """Nanoseconds of measured time before each instant."""
    # One of no length before all others, so that every instant has a window that began before it.
    begins = pl.Series([begin for begin, _ in windows], dtype=pl.Int64)
    first = pl.Series([0], dtype=pl.Int64)
    lengths = pl.concat([first, pl.Series([end - begin for begin, end in windows], dtype=pl.Int64)])
    passed = lengths.cum_sum() - lengths
    place = begins.search_sorted(instants, side="right")
    gone = instants - pl.concat([first, begins]).gather(place)
    whole = lengths.gather(place)
    return passed.gather(place) + gone.zip_with(gone < whole, whole)
