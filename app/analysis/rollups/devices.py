"""Readings → the course of every gauge of every device: the mean of each second, and sums of longer stretches."""

from __future__ import annotations

import polars as pl

from app.analysis.rollups.schema import COURSE, SECOND_NS
from workloads.wire.gauges import GAUGES


def device_seconds(gauges: pl.LazyFrame) -> pl.DataFrame:
    """Columns COURSE, second by second."""
    number = pl.col(*GAUGES)
    means = (
        gauges.with_columns(pl.when(number.is_finite()).then(number).name.keep())
        .group_by("device", index=pl.col("at_ns") // SECOND_NS)
        .agg(number.mean())
        .collect(engine="streaming")
    )
    known = [name for name in GAUGES if means[name].null_count() < len(means)]
    return (
        means.unpivot(known, index=["device", "index"], variable_name="name", value_name="total")
        .drop_nulls("total")
        .with_columns(run=pl.lit(0), count=pl.lit(1))
        .select(*COURSE)
        .cast(COURSE)  # type: ignore[arg-type]
        .sort("device", "name", "index")
    )
