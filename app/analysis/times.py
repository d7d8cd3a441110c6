"""Durations of many samples in a few numbers, exact: every quantile comes from all of them."""

from __future__ import annotations

import polars as pl

from app.analysis.headline import NS_A_MS
from app.analysis.report import Times

SHARES = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99, "p99_9_ms": 0.999}


def times_of(kind: str, rows: pl.LazyFrame, nanoseconds: pl.Expr) -> Times | None:
    """Of an expression over the rows, nanoseconds; None where there are none."""
    taken = rows.select(nanoseconds.alias("ns")).collect(engine="streaming").to_series().drop_nulls()
    if not len(taken):
        return None
    in_order = taken.sort()
    quantiles = {name: _number(in_order.quantile(share, "linear")) / NS_A_MS for name, share in SHARES.items()}
    return Times(
        kind=kind,
        count=len(in_order),
        mean_ms=_number(in_order.mean()) / NS_A_MS,
        max_ms=_number(in_order.max()) / NS_A_MS,
        **quantiles,
    )


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
