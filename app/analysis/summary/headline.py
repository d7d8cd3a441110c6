"""A run in a few numbers, over its measure phases. `summary` says the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from app.analysis.summary.medians import medians
from app.session.store.manifest import Headline
from workloads.wire.frames import Phase, Score

MEASURED = pl.col("phase") == "measure"

COUNTED = {"steps": MEASURED, "requests": MEASURED & (pl.col("outcome") == "answered")}
"""The rows that rates rest on, by table: a request that failed is work that was not done."""

TIMED = {"steps": MEASURED, "requests": MEASURED & (pl.col("outcome") != "failed")}
"""The rows that times rest on: a request that was never served took no less than until the end of the run."""

NS_A_MS = 1e6
NS_A_S = 1e9

MANY = 1 << 23
"""Rows of a table from which on the median is counted: to sort them takes 50 bytes of memory a row."""

DURATION = {"steps": "wall_ns", "requests": "latency_from_schedule_ns"}
"""What one sample takes, by table: step time, or latency from the instant at which a request was due."""


def measure_windows(phases: Sequence[Phase], ended_ns: int | None) -> list[tuple[int, int]]:
    """The measure phases as (begin, end) in nanoseconds; a phase ends where the next begins, the last with the run."""
    return [(phase.at_ns, end) for phase, end in ended_phases(phases, ended_ns) if phase.phase == "measure"]


def ended_phases(phases: Sequence[Phase], ended_ns: int | None) -> list[tuple[Phase, int]]:
    """Each phase with its end, nanoseconds; without those of no length."""
    ends = [*(phase.at_ns for phase in phases[1:]), ended_ns]
    return [(phase, end) for phase, end in zip(phases, ends, strict=False) if end is not None and end > phase.at_ns]


def measured_s(phases: Sequence[Phase], ended_ns: int | None) -> float:
    """Seconds of measure phases."""
    return sum(end - begin for begin, end in measure_windows(phases, ended_ns)) / NS_A_S


def last_score(scores: Sequence[Score], metric: str) -> Score | None:
    """The last result on held-out data of one kind."""
    return next((score for score in reversed(scores) if score.metric == metric), None)


def headlines(
    tables: Mapping[str, pl.LazyFrame], seconds: Mapping[int, float], scores: Mapping[int, Sequence[Score]]
) -> dict[int, Headline]:
    """Every run's headline, by its number. `seconds` are those of its measure phases."""
    counted = {row["run"]: row for name in DURATION for row in _counted(tables[name], name).iter_rows(named=True)}
    return {run: _headline(counted.get(run), seconds[run], scores.get(run, ())) for run in seconds}


def _counted(table: pl.LazyFrame, name: str) -> pl.DataFrame:
    timed, duration, worked = table.filter(TIMED[name]), DURATION[name], COUNTED[name]
    sums = (
        pl.col("samples").filter(worked).sum(),
        pl.when(pl.col("tokens").count() > 0).then(pl.col("tokens").filter(worked).sum()).alias("tokens"),
    )
    if table.select(pl.len()).collect().item() < MANY:
        median = (pl.col(duration).quantile(0.5, "linear") / NS_A_MS).alias("p50_ms")
        return timed.group_by("run").agg(*sums, median).collect(engine="streaming")
    found = timed.group_by("run").agg(*sums).collect(engine="streaming")
    of_runs = medians(timed, duration)
    values = [None if (value := of_runs.get(run)) is None else value / NS_A_MS for run in found["run"]]
    return found.with_columns(pl.Series("p50_ms", values, dtype=pl.Float64))


def _headline(row: Mapping[str, int | float | None] | None, seconds: float, scores: Sequence[Score]) -> Headline:
    accuracy, bits = (_value(last_score(scores, metric)) for metric in ("top1_accuracy", "bits_per_byte"))
    if row is None:
        return Headline(measured_s=seconds, accuracy=accuracy, bits_per_byte=bits)
    samples, tokens = row["samples"], row["tokens"]
    return Headline(
        samples=int(samples or 0),
        measured_s=seconds,
        samples_per_s=samples / seconds if samples is not None and seconds else None,
        tokens_per_s=tokens / seconds if tokens is not None and seconds else None,
        p50_ms=row["p50_ms"],
        accuracy=accuracy,
        bits_per_byte=bits,
    )


def _value(score: Score | None) -> float | None:
    return score.value if score else None
