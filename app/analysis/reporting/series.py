"""Samples and readings → the few numbers that a chart over time shows, and what became of the many.

Nothing is picked out: every stretch of time is told by the smallest, the 10th, 50th and 90th percentile and the largest
of all that ended in it, so that no slow step is lost, however many there are. Polars does it, reading the tables once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from app.analysis.summary.gauge_summary import COUNTERS
from app.analysis.summary.headline import COUNTED, DURATION, MEASURED, NS_A_MS, NS_A_S
from app.analysis.summary.windows import Windows, measured_until
from app.analysis.tables.schema import SAMPLE_END
from workloads.wire.gauges import GAUGES

PER_STRETCH: Final = 12
"""Samples that a stretch is to hold: of fewer, a rate is the edge of a step."""
FEWEST: Final = 4
AT_ONCE: Final = 5_000_000
"""Samples that are in memory together: 600 MB."""
SHORTEST: Final = 0.2
"""Of a stretch: with less measured time in it there is no rate."""


def stretches(count: int, most: int) -> int:
    """Into how many of equal length a run is cut; 0: there are so few samples that each stands for itself."""
    return 0 if count < PER_STRETCH * FEWEST else min(most, count // PER_STRETCH)


def course(table: pl.LazyFrame, name: str, run: int, windows: Windows, most: int) -> pl.DataFrame:
    """Of the measured samples of a run, by stretch: `t` (seconds after it began to measure, the middle), `rate`
    (units a measured second), `low`, `p10`, `p50`, `p90`, `high` (milliseconds), `loss`, `n`.

    `name`: steps or requests. Of no row where there is nothing. Times are those of requests that were answered.
    """
    if not windows:
        return pl.DataFrame()
    began, ended = windows[0][0], windows[-1][1]
    rows = table.filter(MEASURED & COUNTED[name], run=run)
    # Requests of one batch are answered together.
    ends = pl.len() if name == "steps" else pl.col("done_ns").approx_n_unique()
    count = rows.select(ends).collect(engine="streaming").item()
    if not count or ended <= began:
        return pl.DataFrame()
    parts = stretches(count, most)
    if not parts:
        return _one_by_one(rows, name, began)
    width = (ended - began) / parts
    place = ((SAMPLE_END[name] - began) / width).floor().clip(0, parts - 1).cast(pl.Int32)
    took = pl.col(DURATION[name]) / NS_A_MS
    loss = pl.col("loss").mean() if name == "steps" else pl.lit(None, dtype=pl.Float64)
    aggregates = {
        "n": pl.len(),
        "units": pl.col("samples").sum(),
        "low": took.min(),
        "p10": took.quantile(0.1, "linear"),
        "p50": took.quantile(0.5, "linear"),
        "p90": took.quantile(0.9, "linear"),
        "high": took.max(),
        "loss": loss,
    }
    # Percentiles need all samples of a stretch at once: of many samples, a part of the stretches at a time.
    at_once = max(1, parts * AT_ONCE // max(count, AT_ONCE))
    found = pl.concat(
        rows.filter(place.is_between(first, first + at_once - 1))
        .group_by(place.alias("place"))
        .agg(**aggregates)
        .collect(engine="streaming")
        for first in range(0, parts, at_once)
    )
    edges = pl.Series([began + round(width * edge) for edge in range(parts + 1)], dtype=pl.Int64)
    before = measured_until(windows, edges)
    measured = pl.DataFrame(
        {"place": range(parts), "measured": before.diff().slice(1)}, schema_overrides={"place": pl.Int32}
    )
    seconds = pl.col("measured") / NS_A_S
    return (
        measured.join(found, on="place", how="left")
        .sort("place")
        .with_columns(
            t=(pl.col("place") + 0.5) * (width / NS_A_S),
            rate=pl.when(pl.col("measured") >= SHORTEST * width).then(pl.col("units").fill_null(0) / seconds),
        )
        .select("t", "rate", "low", "p10", "p50", "p90", "high", "loss", "n")
    )


def _one_by_one(rows: pl.LazyFrame, name: str, began_ns: int) -> pl.DataFrame:
    """As `course`, a row for each sample; of a few there is no rate over time."""
    took = pl.col(DURATION[name]) / NS_A_MS
    loss = pl.col("loss") if name == "steps" else pl.lit(None, dtype=pl.Float64)
    times = dict.fromkeys(("low", "p10", "p50", "p90", "high"), took)
    return (
        rows.select(
            t=(SAMPLE_END[name] - began_ns) / NS_A_S,
            rate=pl.lit(None, dtype=pl.Float64),
            **times,
            loss=loss,
            n=pl.lit(1),
        )
        .sort("t")
        .collect()
    )


def readings(
    gauges: pl.LazyFrame, began_ns: int, ended_ns: int, most: int, names: Sequence[str] = tuple(GAUGES)
) -> pl.DataFrame:
    """What was read of a run, in long form: `device`, `name`, `t` (seconds after `began_ns`), `low`, `mean`, `high`.

    `names`: the gauges that are wanted. Of readings from several sources the one that gave the most counts, as the
    table does not say which is better. No reading is held: days have millions of them.
    """
    known = gauges.collect_schema().names()
    wanted = [name for name in names if name in known and name not in COUNTERS]
    width = max(1.0, (ended_ns - began_ns) / most)
    place = ((pl.col("at_ns") - began_ns) / width).floor().clip(0, most - 1)
    at_ns = pl.col("at_ns") - began_ns
    each = [
        aggregate.alias(f"{name} {what}")
        for name in wanted
        for what, aggregate in (
            ("t", at_ns.filter(pl.col(name).is_not_null()).mean() / NS_A_S),
            ("low", pl.col(name).min()),
            ("mean", pl.col(name).mean()),
            ("high", pl.col(name).max()),
            ("n", pl.col(name).count()),
        )
    ]
    wide = (
        gauges.filter(pl.col("at_ns").is_between(began_ns, ended_ns))
        .group_by("device", "source", place=place)
        .agg(each)
        .collect(engine="streaming")
    )
    if wide.is_empty() or not wanted:
        return pl.DataFrame()
    numbers = ("t", "low", "mean", "high", "n")
    long = pl.concat(
        wide.select("device", "source", name=pl.lit(name), **{what: pl.col(f"{name} {what}") for what in numbers})
        for name in wanted
    ).filter(pl.col("n") > 0)
    counts = long.group_by("device", "name", "source").agg(pl.col("n").sum()).sort("n", "source", descending=True)
    chosen = counts.unique(["device", "name"], keep="first", maintain_order=True).select("device", "name", "source")
    return (
        long.join(chosen, on=["device", "name", "source"])
        .select("device", "name", "t", "low", "mean", "high")
        .sort("device", "name", "t")
    )


def histogram(table: pl.LazyFrame, name: str, run: int, bins: int = 60, end_ms: float | None = None) -> pl.DataFrame:
    """Of the measured durations of a run: `low`, `high` (milliseconds), `n`, in parts of an axis from the fastest to
    the 99.9th percentile. What is slower is in the last part, which ends with the slowest. Of no row without samples.

    `end_ms`: that percentile, where it is known: to find it takes all durations at once.
    """
    took = (pl.col(DURATION[name]) / NS_A_MS).alias("ms")
    rows = table.filter(MEASURED & COUNTED[name], run=run).select(took)
    low, end, high, count = (
        rows.select(
            pl.col("ms").min().alias("low"),
            (pl.col("ms").quantile(0.999, "linear") if end_ms is None else pl.lit(end_ms)).alias("end"),
            pl.col("ms").max().alias("high"),
            pl.len().alias("count"),
        )
        .collect(engine="streaming")
        .row(0)
    )
    if count < FEWEST or end <= low:
        return pl.DataFrame()
    parts = max(FEWEST, min(bins, int(count**0.5) * 2))
    width = (end - low) / parts
    place = ((pl.col("ms") - low) / width).floor().clip(0, parts - 1).cast(pl.Int32)
    found = rows.group_by(place.alias("place")).agg(n=pl.len()).collect(engine="streaming")
    axis = pl.DataFrame({"place": range(parts)}, schema={"place": pl.Int32})
    return axis.join(found, on="place", how="left").select(
        low=low + pl.col("place") * width,
        high=low + (pl.col("place") + 1) * width,
        # What lies beyond the axis is said where the last part is read.
        until=pl.when(pl.col("place") == parts - 1).then(high).otherwise(low + (pl.col("place") + 1) * width),
        n=pl.col("n").fill_null(0),
    )
