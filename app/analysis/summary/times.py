"""Durations of many samples in a few numbers, exact: every quantile comes from all of them.

A percentile that the sample is too small for is None, with the number of samples that it needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import polars as pl

from app.analysis.statistics.early_stopping import over_latency
from app.analysis.summary.headline import NS_A_MS
from app.analysis.summary.report import EarlyStopping, Times
from app.session.results.carried import carries, needed

SHARES: Final = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}


def times_of(kind: str, rows: pl.LazyFrame, nanoseconds: pl.Expr) -> Times | None:
    """Of an expression over the rows, nanoseconds; None where there are none."""
    return times_in_order(kind, in_order(rows, nanoseconds))


def in_order(rows: pl.LazyFrame, nanoseconds: pl.Expr) -> pl.Series:
    """The values of an expression over the rows, smallest first, without nulls.

    NumPy needs a third of the time that Polars does to sort whole numbers.
    """
    taken = rows.select(nanoseconds.alias("ns")).collect(engine="streaming").to_series().drop_nulls()
    items = taken.to_numpy(writable=True)
    items.sort()
    return pl.Series("ns", items).set_sorted()


def times_in_order(kind: str, in_order: pl.Series) -> Times | None:
    """Of nanoseconds, smallest first; None where there are none."""
    count = len(in_order)
    return times_at(kind, count, _number(in_order.mean()), lambda place: float(in_order[place])) if count else None


def times_at(kind: str, count: int, mean_ns: float, value: Callable[[int], float]) -> Times:
    """`value`: the nanoseconds at a place from the bottom, 0 being the smallest of `count`."""

    def quantile(share: float) -> float | None:
        if not carries(count, share):
            return None
        place = share * (count - 1)
        below, above = (value(end(place)) for end in (math.floor, math.ceil))
        return (below + (place - math.floor(place)) * (above - below)) / NS_A_MS

    found = {name.replace(".", "_") + "_ms": quantile(share) for name, share in SHARES.items()}
    median = found.pop("p50_ms")
    assert median is not None
    return Times(
        kind=kind,
        count=count,
        mean_ms=mean_ns / NS_A_MS,
        max_ms=value(count - 1) / NS_A_MS,
        p50_ms=median,
        **found,
        early_stopping={name: _stopping(share, count, lambda t: value(count - t)) for name, share in SHARES.items()},
    )


def _stopping(share: float, count: int, highest: Callable[[int], float]) -> EarlyStopping:
    """`highest`: the latency at a place from the top, nanoseconds."""
    over = over_latency(count, share)
    return EarlyStopping(needs=needed(share), at_most_ms=highest(over) / NS_A_MS if over else None)


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
