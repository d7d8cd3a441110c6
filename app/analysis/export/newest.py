"""How much of a session fits into a file that a browser can hold: its newest events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from app.analysis.tables.schema import INSTANT
from app.session.live.slow import PARTS
from workloads.wire.gauges import GAUGES

BUCKETS: Final = 10_000
"""Into which the time is divided to find the instant."""

WEIGHTS: Final[Mapping[str, pl.Expr]] = {
    "steps": 1 + pl.sum_horizontal(pl.col(f"{part}_ns").is_not_null() for part in PARTS),
    "requests": 8 + pl.col("itl_ns").list.len().fill_null(0),
    "gauges": pl.sum_horizontal(pl.col(name).is_not_null() for name in GAUGES),
    "logs": pl.lit(1),
    "events": pl.lit(1),
}
"""How many events a row of each table makes, at most."""


@dataclass(frozen=True)
class Newest:
    """How much there is, and from when on it is kept; None: all of it."""

    events: int
    kept: int
    begin_ns: int | None = None


def newest(tables: Mapping[str, pl.LazyFrame], most: int) -> Newest:
    """The instant from which on no more than so many events are; at least the last ten-thousandth is kept."""
    timed = [
        tables[name].select(at=pl.col(INSTANT[name]), weight=weight.cast(pl.Int64)) for name, weight in WEIGHTS.items()
    ]
    every = pl.concat(timed)
    low, high, total = (
        every.select(low=pl.col("at").min(), high=pl.col("at").max(), total=pl.col("weight").sum())
        .collect(engine="streaming")
        .row(0)
    )
    if not total or total <= most:
        return Newest(total or 0, total or 0)
    width = max(1, (high - low) // BUCKETS)
    counts = (
        every.group_by(bucket=(pl.col("at") - low) // width)
        .agg(pl.col("weight").sum())
        .sort("bucket", descending=True)
        .with_columns(kept=pl.col("weight").cum_sum())
        .collect(engine="streaming")
    )
    held = counts.filter(pl.col("kept") <= most)
    last = held.tail(1) if len(held) else counts.head(1)
    return Newest(total, int(last["kept"][0]), low + int(last["bucket"][0]) * width)
