"""The mean step of a run in its parts, and how much of its steps is waiting for data."""

from __future__ import annotations

import polars as pl

from app.analysis.summary.headline import NS_A_MS
from app.analysis.summary.report import StepParts
from app.session.live.recent import PARTS


def step_parts(steps: pl.LazyFrame) -> tuple[StepParts | None, float | None]:
    """Of measured steps: the parts that were measured, and the sum of data wait ÷ that of step time where it was."""
    waited = pl.col("data_wait_ns").is_not_null()
    means = [(pl.col(f"{part}_ns").mean() / NS_A_MS).alias(f"{part}_ms") for part in PARTS]
    sums = {"waited": pl.col("data_wait_ns").sum(), "wall": pl.col("wall_ns").filter(waited).sum()}
    row = steps.select(*means, **sums).collect(engine="streaming").row(0, named=True)
    known = {name: value for part in PARTS if (value := row[name := f"{part}_ms"]) is not None}
    return (StepParts(**known) if known else None), (row["waited"] / row["wall"] if row["wall"] else None)
