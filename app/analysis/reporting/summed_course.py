"""The course of a run that has very many samples, of its rollups: what `series.course` says, and no sample is read.

Counts, work, losses and the slowest of each stretch are exact; what lies between is as exact as a rollup's histogram.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from app.analysis.reporting.series import SHORTEST
from app.analysis.rollups.keeping import FEWEST, kept_rollups
from app.analysis.rollups.parts import CANNOT
from app.analysis.rollups.schema import FACTOR, LEVELS, SECOND_NS, WHAT
from app.analysis.statistics.grouped import bucket_middles, quantiles
from app.analysis.summary.headline import NS_A_MS, NS_A_S
from app.analysis.summary.windows import Windows, measured_until
from app.analysis.tables.samples import phase_at
from app.session.store.folder import SessionFolder
from app.session.store.manifest import RunRecord

NEAR: Final = 0.8
"""Per cent by which a percentile may be off."""
FINE: Final = 4
"""Rows that a stretch is made of, at least, where there are as many: its ends are those of rows."""


def summed_course(
    folder: SessionFolder | None, name: str, record: RunRecord, windows: Windows, most: int
) -> pl.DataFrame | None:
    """As `series.course`. None where there are few samples, or no sums of them that can be used."""
    if folder is None or not windows:
        return None
    try:
        rollups = kept_rollups(folder)
        return None if rollups is None else _course(rollups, name, record, windows, most)
    except (LookupError, TypeError, *CANNOT):
        return None


def _course(rollups: pl.LazyFrame, name: str, record: RunRecord, windows: Windows, most: int) -> pl.DataFrame | None:
    began, ended = windows[0][0], windows[-1][1]
    level, rows_each = _stretch((ended - began) / SECOND_NS, most)
    rows = rollups.filter(what=WHAT[name], level=level, run=record.run).select(
        "index", "last_ns", "count", "units", "loss_total", "losses", *(f"times_{each}" for each in _TIMES)
    )
    held = rows.filter(pl.col("count") > 0).collect()
    held = held.filter(phase_at(record.phases, held["last_ns"]) == "measure")
    if held["count"].sum() < FEWEST:
        return None
    width = rows_each * FACTOR**level * SECOND_NS
    first, last = began // width, (ended - 1) // width
    place = (pl.col("index") // rows_each).clip(first, last)
    sums = held.group_by(place=place).agg(
        pl.col("count", "units", "loss_total", "losses").sum(), high=pl.col("times_largest").max()
    )
    edges = pl.Series([min(max(edge * width, began), ended) for edge in range(first, last + 2)], dtype=pl.Int64)
    axis = pl.DataFrame(
        {
            "place": range(first, last + 1),
            "t": ((edges + edges.shift(-1)) / 2).head(-1) - began,
            "measured": measured_until(windows, edges).diff().slice(1),
        }
    )
    return (
        axis.join(sums, on="place", how="left")
        .join(_times(held, place, sums), on="place", how="left")
        .sort("place")
        .select(
            t=pl.col("t") / NS_A_S,
            rate=pl.when(pl.col("measured") >= SHORTEST * width).then(
                pl.col("units").fill_null(0) / (pl.col("measured") / NS_A_S)
            ),
            low="low",
            p10="p10",
            p50="p50",
            p90="p90",
            high=pl.col("high") / NS_A_MS,
            loss=pl.when(pl.col("losses") > 0).then(pl.col("loss_total") / pl.col("losses")),
            n="count",
        )
    )


_TIMES: Final = ("keys", "counts", "largest")


def _stretch(seconds: float, most: int) -> tuple[int, int]:
    """The level of the rows, and how many of them a stretch takes in, so that there are no more than `most`."""
    level = 0
    while level + 1 < LEVELS and seconds / FACTOR ** (level + 1) >= FINE * most:
        level += 1
    return level, max(1, -(-int(seconds + 1) // (FACTOR**level * max(1, most - 1))))


def _times(held: pl.DataFrame, place: pl.Expr, sums: pl.DataFrame) -> pl.DataFrame:
    """Milliseconds of the fastest and of three percentiles, by place."""
    counts = (
        held.select(place=place, key="times_keys", n="times_counts")
        .drop_nulls()
        .explode("key", "n")
        .group_by("place", "key")
        .agg(pl.col("n").cast(pl.Int64).sum())
        .sort("place", "key")
    )
    groups = sums.select("place", "high").join(counts.select("place").unique(), on="place").sort("place")
    of = counts["place"].rle_id().cast(pl.Int64).to_numpy()
    keys, n, largest = counts["key"].to_numpy(), counts["n"].to_numpy(), groups["high"].to_numpy()
    lowest = counts.group_by("place", maintain_order=True).agg(pl.col("key").first())["key"]
    found = {"low": pl.Series(bucket_middles(lowest.to_numpy())).clip(upper_bound=groups["high"].cast(pl.Float64))}
    for share in (10, 50, 90):
        found[f"p{share}"] = pl.Series(quantiles(of, keys, n, largest, share / 100))
    return groups.select("place").with_columns(values.alias(name) / NS_A_MS for name, values in found.items())
