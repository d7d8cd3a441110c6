"""A session as numbers over time, for programs that draw one curve a name. Long ones are thinned, never averaged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import polars as pl

from app.analysis.tables.schema import SAMPLE_END
from app.session.live.slow import PARTS
from app.session.store.manifest import RunRecord
from workloads.wire.gauges import GAUGES

MOST_POINTS: Final = 10_000
"""Of each curve: more than any screen shows."""
MOST_CURVES: Final = 20_000

NS: Final = 1e9


class Point(NamedTuple):
    """One of a curve."""

    number: int
    """How many came before it, of the run's steps, requests or readings."""
    at_ns: int
    """On the host's monotonic clock, when it ended."""
    value: float


class Series(NamedTuple):
    """One curve."""

    run: int
    rank: int | None
    """None: of the run."""
    name: str
    points: list[Point]


STEPS: Final[Mapping[str, pl.Expr]] = {
    "loss": pl.col("loss"),
    "step/seconds": pl.col("wall_ns") / NS,
    **{f"step/{part}_seconds": pl.col(f"{part}_ns") / NS for part in PARTS},
}
REQUESTS: Final[Mapping[str, pl.Expr]] = {
    "request/latency_seconds": pl.when(outcome="answered").then(pl.col("latency_from_schedule_ns") / NS),
    "request/queue_seconds": pl.col("queue_ns") / NS,
    "request/service_seconds": pl.col("service_ns") / NS,
}


def series_of(
    tables: Mapping[str, pl.LazyFrame], runs: tuple[RunRecord, ...], most: int = MOST_POINTS
) -> Iterator[Series]:
    """All curves of these runs, each of so many points at most."""
    for record in runs:
        yield from _scores(record)
        steps, requests = (tables[name].filter(run=record.run) for name in ("steps", "requests"))
        yield from _of_samples(record.run, steps, SAMPLE_END["steps"], STEPS, most)
        yield from _of_samples(record.run, requests, SAMPLE_END["requests"], REQUESTS, most)
        yield from _of_gauges(record.run, tables["gauges"].filter(run=record.run), most)


def _scores(record: RunRecord) -> Iterator[Series]:
    by_metric: dict[str, list[Point]] = {}
    for score in record.scores:
        points = by_metric.setdefault(score.metric, [])
        points.append(Point(len(points) if score.step is None else score.step, score.at_ns, score.value))
    yield from (Series(record.run, None, f"score/{metric}", points) for metric, points in by_metric.items())


def _of_samples(
    run: int, table: pl.LazyFrame, at: pl.Expr, columns: Mapping[str, pl.Expr], most: int
) -> Iterator[Series]:
    ranks = table.group_by("rank").len().sort("rank").head(MOST_CURVES).collect(engine="streaming")
    for rank, rows in ranks.iter_rows():
        of_rank = table.filter(pl.col("rank").eq_missing(rank))
        yield from _curves(run, rank, _thinned(of_rank, rows, most).select("number", at.alias("at"), **columns))


def _of_gauges(run: int, table: pl.LazyFrame, most: int) -> Iterator[Series]:
    sources = table.group_by("device", "source").len().sort("device", "source").head(MOST_CURVES)
    for device, source, rows in sources.collect(engine="streaming").iter_rows():
        of_source = table.filter(pl.col("device").eq_missing(device) & pl.col("source").eq_missing(source))
        named = {f"{device or '?'}/{name} ({source or '?'})": pl.col(name) for name in GAUGES}
        yield from _curves(
            run, None, _thinned(of_source, rows, most).select("number", pl.col("at_ns").alias("at"), **named)
        )


def _thinned(table: pl.LazyFrame, rows: int, most: int) -> pl.LazyFrame:
    every = -(-rows // most)
    return table.with_row_index("number").filter(pl.col("number") % every == 0)


def _curves(run: int, rank: int | None, table: pl.LazyFrame) -> Iterator[Series]:
    held = table.collect(engine="streaming")
    for name in held.columns[2:]:
        curve = held.select("number", "at", name).drop_nulls()
        if len(curve):
            yield Series(run, rank, name, [Point(*row) for row in curve.iter_rows()])
