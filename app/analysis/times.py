"""Steps and requests of one run → sums, means and exact percentiles over its measure phases."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import polars as pl

from app.analysis.headline import DURATION, MEASURED, NS_A_MS
from app.analysis.summary import PartTimes, Times

Row = Mapping[str, float | int | None]

QUANTILES = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99, "p99_9_ms": 0.999}
PARTS = ("data_wait", "h2d", "forward", "backward", "optimizer", "device")


def measured_steps(steps: pl.LazyFrame, run: int) -> Row:
    """Everything that is said of a run's steps, as one row; `count` is 0 when there are none."""
    both = pl.col("data_wait_ns").is_not_null()
    return _row(
        steps,
        run,
        *_times(DURATION["steps"]),
        *(_mean_ms(part) for part in PARTS),
        (pl.col("data_wait_ns").sum() / pl.col("wall_ns").filter(both).sum()).alias("data_wait_fraction"),
        pl.col("loss").drop_nulls().last(),
    )


def measured_requests(requests: pl.LazyFrame, run: int) -> Row:
    """Everything that is said of a run's requests, as one row; latencies are of those that were answered."""
    return _row(
        requests,
        run,
        *_times(DURATION["requests"], pl.col("outcome") == "answered"),
        *_times("latency_from_send_ns", pl.col("outcome") == "answered", prefix="send_"),
        _mean_ms("device"),
        (pl.col("outcome") == "failed").sum().alias("failed"),
    )


def times_of(row: Row, prefix: str = "") -> Times | None:
    """The distribution in a row, or None when it is of no sample."""
    found = {name: row[f"{prefix}{name}"] for name in ("count", "mean_ms", *QUANTILES, "max_ms")}
    return msgspec.convert(found, Times) if found["count"] else None


def parts_of(row: Row) -> PartTimes:
    """The means of the parts in a row."""
    return PartTimes(**{f"{part}_ms": row.get(f"{part}_ms") for part in PARTS})


def _row(table: pl.LazyFrame, run: int, *expressions: pl.Expr) -> Row:
    sums = (
        pl.len().alias("rows"),
        pl.col("samples").sum(),
        pl.when(pl.col("tokens").count() > 0).then(pl.col("tokens").sum()).alias("tokens"),
    )
    chosen = table.filter(MEASURED, run=run).select(*sums, *expressions)
    return chosen.collect(engine="streaming").row(0, named=True)


def _times(column: str, which: pl.Expr | None = None, prefix: str = "") -> list[pl.Expr]:
    """In milliseconds; sorted once, so that each percentile is a look at two places."""
    values = pl.col(column) if which is None else pl.col(column).filter(which)
    ordered = values.sort()
    return [
        values.count().alias(f"{prefix}count"),
        (values.mean() / NS_A_MS).alias(f"{prefix}mean_ms"),
        *((ordered.quantile(q, "linear") / NS_A_MS).alias(f"{prefix}{name}") for name, q in QUANTILES.items()),
        (values.max() / NS_A_MS).alias(f"{prefix}max_ms"),
    ]


def _mean_ms(part: str) -> pl.Expr:
    return (pl.col(f"{part}_ns").mean() / NS_A_MS).alias(f"{part}_ms")
