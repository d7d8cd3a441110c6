"""The measured steps of a run that has very many: what a summary says of them, by its rollups and one reading of them.

Exact, as of fewer steps: sums and counts are those of the rollups, and a percentile is a step's own time. No more than
a batch of steps is in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from app.analysis.load import Loaded
from app.analysis.rollups.keeping import FEWEST, are_in_order, kept_rollups
from app.analysis.rollups.parts import CANNOT
from app.analysis.rollups.schema import LEVELS, WHAT
from app.analysis.rollups.sums import histogram_of
from app.analysis.statistics.order import OrderStatistics
from app.analysis.statistics.steady import Medians
from app.analysis.summary.headline import NS_A_MS
from app.analysis.summary.report import StepParts, Times
from app.analysis.summary.times import times_at
from app.analysis.tables.samples import phase_at
from app.session.live.recent import PARTS
from app.session.store.manifest import RunRecord

BATCH_ROWS: Final = 1 << 19


@dataclass(frozen=True)
class ManySteps:
    """Of one run."""

    times: Times
    parts: StepParts | None
    data_wait: float | None
    """The share of step time, where it was measured."""
    loss: float | None
    """Of the last step; the mean over ranks."""
    medians: Medians | None
    """Of the first rank's step times, in the order in which they began. None: they do not lie in that order."""


def many_steps(loaded: Loaded, record: RunRecord, steps: pl.LazyFrame) -> ManySteps | None:
    """`steps`: those measured. None where there are few, where nobody summed them up, or where parts are incomplete.

    None too where the sums are not those of the steps, as a stranger's may be.
    """
    try:
        return _many_steps(loaded, record, steps)
    except (LookupError, TypeError, *CANNOT):
        return None


def _many_steps(loaded: Loaded, record: RunRecord, steps: pl.LazyFrame) -> ManySteps | None:
    if loaded.folder is None or (rollups := kept_rollups(loaded.folder)) is None:
        return None
    rows = rollups.filter(what=WHAT["steps"], level=LEVELS - 1, run=record.run).collect()
    rows = rows.filter(phase_at(record.phases, rows["last_ns"]) == "measure")
    if rows["count"].sum() < FEWEST or _is_partly_measured(rows):
        return None
    times, medians = _read(rows, steps)
    parts = {part: int(rows[f"{part}_ns"].sum()) for part in PARTS if rows[f"{part}_ns"].null_count() == 0}
    count, wall = int(rows["count"].sum()), int(rows["wall_ns"].sum())
    means = {f"{part}_ms": ns / count / NS_A_MS for part, ns in parts.items()}
    last = rows.sort("last_ns").group_by("rank").agg(pl.col("loss").drop_nulls().last())["loss"].mean()
    return ManySteps(
        times=times,
        parts=StepParts(**means) if means else None,
        data_wait=parts["data_wait"] / wall if "data_wait" in parts and wall else None,
        loss=last if isinstance(last, float) else None,
        medians=medians if are_in_order(loaded.folder) else None,
    )


def _is_partly_measured(rows: pl.DataFrame) -> bool:
    """Whether a part is known of some steps alone: a mean over those has to be made of the steps themselves."""
    return any(0 < rows[f"{part}_ns"].null_count() < len(rows) for part in PARTS)


def _read(sums: pl.DataFrame, steps: pl.LazyFrame) -> tuple[Times, Medians]:
    """Read every step once."""
    histogram = histogram_of(sums, "times", "run")
    total, wall = int(sums["count"].sum()), int(sums["wall_ns"].sum())
    most = float(sums.select(pl.col("times_largest").max()).item())
    places: list[int] = []

    def note(place: int) -> float:
        places.append(place)
        return 0.0

    times_at("step time", total, wall / total, note)
    inside = [place for place in places if place < total - 1]
    order = OrderStatistics(histogram["key"].cast(pl.Int64).to_numpy(), histogram["n"].to_numpy(), inside)
    first = sums["rank"].min()
    medians = Medians(int(sums.filter(rank=first)["count"].sum()))
    several = sums["rank"].n_unique() > 1
    columns = steps.select("wall_ns", *(["rank"] if several else []))
    read = of_first = 0
    for batch in columns.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True, engine="streaming"):
        order.add(batch["wall_ns"].to_numpy())
        own = batch.filter(rank=first) if several else batch
        medians.add(own["wall_ns"].to_numpy())
        read, of_first = read + len(batch), of_first + len(own)
    if (read, of_first) != (total, medians.count) or not order.fits:
        raise ValueError("these are not the sums of these steps")

    def value(place: int) -> float:
        return most if place == total - 1 else float(order.at(place))

    return times_at("step time", total, wall / total, value), medians
