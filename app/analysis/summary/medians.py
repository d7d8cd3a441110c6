"""The exact median of a column for each run, however many rows there are: they are counted, and never held.

A first reading counts values in buckets of half a percent, a second one the values of those buckets that the medians
lie in, one by one.
"""

from __future__ import annotations

from typing import Final

import polars as pl

BUCKETS: Final = 128
"""Of each doubling."""


def medians(table: pl.LazyFrame, column: str) -> dict[int, float]:
    """Run → the median of a column of whole numbers, halfway between two where their number is even."""
    value = pl.col(column)
    bucket = (value.clip(lower_bound=1).cast(pl.Float64).log(2) * BUCKETS).floor().cast(pl.Int32)
    rows = table.filter(value.is_not_null()).select("run", value.alias("value"), bucket=bucket)
    counted = rows.group_by("run", "bucket").agg(rows=pl.len()).collect(engine="streaming").sort("run", "bucket")
    places = _with_places(counted)
    wanted = places.filter(_holds("lower") | _holds("upper"))
    inside = rows.join(wanted.lazy().select("run", "bucket"), on=["run", "bucket"], how="semi")
    values = inside.group_by("run", "bucket", "value").agg(rows=pl.len()).collect(engine="streaming")
    each = (
        values.join(wanted.select("run", "bucket", "before", "lower", "upper"), on=["run", "bucket"])
        .sort("run", "bucket", "value")
        .with_columns(before=pl.col("before") + pl.col("rows").cum_sum().over("run", "bucket") - pl.col("rows"))
    )
    found = each.group_by("run").agg(
        lower=pl.col("value").filter(_holds("lower")).first(), upper=pl.col("value").filter(_holds("upper")).first()
    )
    return {run: (lower + upper) / 2 for run, lower, upper in found.select("run", "lower", "upper").iter_rows()}


def _with_places(counted: pl.DataFrame) -> pl.DataFrame:
    """With how many rows of the run lie before each bucket, and the places of the two values in the middle."""
    of_run = pl.col("rows").sum().over("run")
    return counted.with_columns(
        pl.col("rows").cast(pl.Int64),
        before=pl.col("rows").cast(pl.Int64).cum_sum().over("run") - pl.col("rows"),
        lower=(of_run.cast(pl.Int64) - 1) // 2,
        upper=of_run.cast(pl.Int64) // 2,
    )


def _holds(place: str) -> pl.Expr:
    return (pl.col("before") <= pl.col(place)) & (pl.col(place) < pl.col("before") + pl.col("rows"))
