"""Tables → the sums that metrics are made of; every sample counts, and none is held in memory."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from app.analysis.export.asked import Window, cut_tables
from app.analysis.load import Loaded
from app.metrics.sums import (
    BOUNDS_NS,
    OUTCOMES,
    PARTS,
    Distribution,
    Key,
    Place,
    RequestSums,
    RunSums,
    StepSums,
    Sums,
)
from app.session.live.devices import CURRENT_NS
from app.session.results.titles import titles
from app.session.store.manifest import RunRecord
from workloads.wire.gauges import GAUGES

MOST: Final = 20_000
"""Series of each kind; more has only a session that comes from a stranger."""

_Row = dict[str, Any]
_KEYS: Final = ("run", "rank", "phase")


def sums_of(loaded: Loaded, window: Window) -> Sums:
    """Of a session, or of a stretch of it."""
    manifest, tables = loaded.manifest, cut_tables(loaded, window)
    called = titles(manifest.plan.runs)
    workloads = {planned.run: planned.workload for planned in manifest.plan.runs}
    sums = Sums(
        loaded.name,
        state="running" if loaded.running else manifest.outcome,
        began_unix_s=manifest.started_ns / 1e9,
        benchtop=manifest.plan.benchtop,
    )
    for record in manifest.runs:
        names = workloads.get(record.run, "?"), called.get(record.run, "?")
        sums.runs[record.run] = _run(record, *names, state=loaded.state_of(record))
    sums.steps = {_key(row): _step_sums(row) for row in _rows(tables["steps"], _steps())}
    sums.requests = {_key(row): _request_sums(row) for row in _rows(tables["requests"], _requests())}
    sums.readings = _readings(tables["gauges"])
    return sums


def _run(record: RunRecord, workload: str, title: str, *, state: str) -> RunSums:
    said = record.verdicts or record.live_verdicts
    first = said.verdicts[0] if said is not None and said.verdicts else None
    return RunSums(
        workload,
        title,
        state,
        record.started,
        record.dropped,
        {score.metric: score.value for score in record.scores},
        None if first is None else (first.kind, first.severity),
    )


def _rows(table: pl.LazyFrame, sums: dict[str, pl.Expr]) -> list[_Row]:
    by = pl.col("phase").cast(pl.String).fill_null("")
    grouped = table.drop_nulls("run").group_by("run", "rank", by, maintain_order=False).agg(**sums)
    return grouped.sort(_KEYS).head(MOST).collect(engine="streaming").to_dicts()


def _key(row: _Row) -> Key:
    return Key(row["run"], row["rank"], row["phase"])


def _distribution(name: str, length: pl.Expr) -> dict[str, pl.Expr]:
    below = {f"{name}_{bound}": (length <= bound).sum() for bound in BOUNDS_NS}
    return {f"{name}_count": length.count(), f"{name}_ns": length.sum(), **below}


def _distributed(name: str, row: _Row) -> Distribution:
    return Distribution(row[f"{name}_count"], row[f"{name}_ns"], [row[f"{name}_{bound}"] for bound in BOUNDS_NS])


def _optional(name: str) -> pl.Expr:
    """A sum that is null where nothing was measured."""
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum())


def _steps() -> dict[str, pl.Expr]:
    return {
        **_distribution("times", pl.col("wall_ns")),
        **{part: _optional(f"{part}_ns") for part in PARTS},
        "done": pl.col("samples").sum(),
        "worked": _optional("tokens"),
        "newest": pl.col("loss").last(),
    }


def _step_sums(row: _Row) -> StepSums:
    parts = {part: row[part] for part in PARTS if row[part] is not None}
    return StepSums(_distributed("times", row), parts, row["done"], row["worked"], row["newest"])


def _requests() -> dict[str, pl.Expr]:
    answered, served = pl.when(outcome="answered"), pl.when(pl.col("outcome") != "unserved")
    return {
        **_distribution("latency", answered.then("latency_from_schedule_ns")),
        **_distribution("first", answered.then(pl.col("first_ns") - pl.col("scheduled_ns"))),
        **_distribution("queue", served.then("queue_ns")),
        **{outcome: (pl.col("outcome") == outcome).sum() for outcome in OUTCOMES},
        "done": answered.then("samples").sum(),
        "worked": pl.when(pl.col("tokens").count() > 0).then(answered.then("tokens").sum()),
    }


def _request_sums(row: _Row) -> RequestSums:
    return RequestSums(
        _distributed("latency", row),
        _distributed("first", row),
        _distributed("queue", row),
        {outcome: row[outcome] for outcome in OUTCOMES},
        row["done"],
        row["worked"],
    )


def _readings(gauges: pl.LazyFrame) -> dict[Place, float]:
    """The last of each, of the session's last seconds."""
    last_ns = gauges.select(pl.col("at_ns").max()).collect(engine="streaming").item()
    if last_ns is None:
        return {}
    newest = (
        gauges.filter(pl.col("at_ns") >= last_ns - CURRENT_NS)
        .drop_nulls(["device", "source"])
        .group_by("device", "source", maintain_order=True)
        .agg(pl.col(name).filter(pl.col(name).is_finite()).last() for name in GAUGES)
        .head(MOST)
        .collect(engine="streaming")
    )
    return {
        Place(row["device"], row["source"], name): row[name]
        for row in newest.iter_rows(named=True)
        for name in GAUGES
        if row[name] is not None
    }
