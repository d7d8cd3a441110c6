"""What every measured step or request of a run took: quantiles from all of them, and counts on a fine grid.

One sorting of a run's durations gives both, and nothing of it is kept but a few thousand counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import polars as pl

from app.analysis.load import Loaded
from app.analysis.summary.headline import DURATION, TIMED
from app.analysis.summary.report import Times
from app.analysis.summary.times import in_order, times_in_order

A_DECADE: Final = 400
"""Marks of the grid a power of ten: neighbours differ by 0.6 %."""
DECADES: Final = 13
"""From a nanosecond to three hours."""

KINDS: Final = {"steps": "step time", "requests": "latency"}


class Durations(NamedTuple):
    """Of one run."""

    times: Times | None
    below: Sequence[int]
    """How many are below each mark of the grid; empty where there are none."""


@cache
def marks() -> pl.Series:
    """The grid, nanoseconds."""
    return pl.Series([10 ** (place / A_DECADE) for place in range(A_DECADE * DECADES + 1)], dtype=pl.Float64)


def durations_of(loaded: Loaded, run: int) -> Durations:
    """Steps where there are any, else requests from the instant at which each was due."""
    for table, kind in KINDS.items():
        rows = loaded.tables[table].filter(TIMED[table], run=run)
        taken = in_order(rows, pl.col(DURATION[table]))
        if len(taken):
            whole = marks().ceil().cast(pl.Int64)  # durations are whole, so that nothing is lost
            return Durations(times_in_order(kind, taken), taken.search_sorted(whole, side="left").to_list())
    return Durations(None, ())
