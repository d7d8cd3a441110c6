"""Finished sessions made at once, without a worker: any number of runs with steps or requests of given durations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from app.analysis.summary.headline import headlines
from app.analysis.tables.parquet import scan_tables
from app.analysis.tables.schema import SCHEMAS, Schema
from app.session.planning.plan import Plan, PlannedRun
from app.session.store.folder import SessionFolder, create_session
from app.session.store.manifest import Headline, Manifest, RunRecord
from workloads.wire.frames import Fingerprint, Hello, Phase, RunStarted, Score, Value

MS = 1_000_000
PACKAGES = dict.fromkeys(("numpy", "msgspec", "scikit-learn", "pillow", "sympy"), "1.0")
SAMPLER = Fingerprint(cpu="a processor", kernel="6.1", memory_bytes=1 << 34, governor="performance")
WORKER = Fingerprint(python="3.11.9", torch="2.9.0", packages=PACKAGES)
CONDUCTOR = Fingerprint(git_commit="aaaa", git_changes="")


class MadeRun(NamedTuple):
    """One run: what each step or request took, and how it was configured."""

    milliseconds: Sequence[float] | pl.Series
    workload: str = "train/digits"
    parameters: Mapping[str, Value] = MappingProxyType({})
    variant: int = 0
    repeat: int = 1
    accuracy: float | None = None
    device: str = "cpu"
    seed: int = 0
    gauges: Mapping[tuple[str, str], Sequence[float]] = MappingProxyType({})
    """(device, gauge) → its readings, evenly over the run."""
    late_ms: float = 0.0
    """How much later than due its requests were sent."""


def made(
    home: Path,
    *runs: MadeRun,
    name: str = "made",
    sampler: Fingerprint = SAMPLER,
    worker: Fingerprint = WORKER,
    conductor: Fingerprint = CONDUCTOR,
) -> SessionFolder:
    """A session of these runs. Every run begins at 0 and is measured from then on, one sample a step or request."""
    planned = tuple(
        PlannedRun(
            run=number,
            workload=run.workload,
            parameters=dict(run.parameters),
            variant=run.variant,
            repeat=run.repeat,
            seed=run.seed,
        )
        for number, run in enumerate(runs, 1)
    )
    plan = Plan(name=name, created_ns=0, runs=planned)
    folder = create_session(home, plan)
    tables: dict[str, list[pl.DataFrame]] = {"steps": [], "requests": []}
    ends = []
    for number, run in enumerate(runs, 1):
        table = "steps" if not run.workload.startswith("infer/") else "requests"
        rows = _rows(number, pl.Series(run.milliseconds, dtype=pl.Float64), table, round(run.late_ms * MS))
        tables[table].append(rows)
        ends.append(int(rows["end_ns"].max() or 0) + 1)  # type: ignore[arg-type]
    tables["gauges"] = [
        _readings(number, run, end) for number, (run, end) in enumerate(zip(runs, ends, strict=True), 1)
    ]
    for table, schema in SCHEMAS.items():
        _write(folder, table, schema, tables.get(table, []))
    records = tuple(_record(number, run, end) for number, (run, end) in enumerate(zip(runs, ends, strict=True), 1))
    seconds = {record.run: (record.measured_until_ns or 0) / 1e9 for record in records}
    found = headlines(scan_tables(folder), seconds, {record.run: record.scores for record in records})
    hellos = (
        _hello("conductor", conductor),
        _hello("sampler", sampler),
        *(_hello("worker", worker, number) for number in range(1, len(runs) + 1)),
    )
    folder.write_manifest(
        Manifest(
            plan=plan,
            outcome="done",
            started_ns=0,
            ended_ns=max(ends),
            hellos=hellos,
            runs=tuple(_with(record, found[record.run]) for record in records),
        )
    )
    return folder


def _with(record: RunRecord, headline: Headline) -> RunRecord:
    return RunRecord(**{**{name: getattr(record, name) for name in record.__struct_fields__}, "headline": headline})


def _rows(number: int, milliseconds: pl.Series, table: str, late_ns: int) -> pl.DataFrame:
    took = (milliseconds * MS).cast(pl.Int64)
    end = took.cum_sum()
    frame = pl.DataFrame({"took": took, "end_ns": end}).with_columns(
        run=pl.lit(number, pl.Int32),
        phase=pl.lit("measure"),
        samples=1,
        rank=0,
        begin=pl.col("end_ns") - pl.col("took"),
    )
    if table == "steps":
        return frame.with_columns(
            start_ns="begin",
            wall_ns="took",
            data_wait_ns=pl.col("took") // 10,
            forward_ns=pl.col("took") // 2,
        )
    return frame.with_columns(
        scheduled_ns="begin",
        sent_ns=pl.col("begin") + late_ns,
        first_ns="end_ns",
        done_ns="end_ns",
        latency_from_schedule_ns="took",
        latency_from_send_ns="took",
        outcome=pl.lit("answered"),
    )


def _readings(number: int, run: MadeRun, end_ns: int) -> pl.DataFrame:
    rows: dict[tuple[str, int], dict[str, object]] = {}
    for (device, name), values in run.gauges.items():
        for place, value in enumerate(values):
            at_ns = end_ns * (place + 1) // (len(values) + 1)
            source = "nvml" if device.startswith("gpu") else "proc"
            row = rows.setdefault((device, at_ns), {"run": number, "at_ns": at_ns, "device": device, "source": source})
            row[name] = float(value)
    frames = [pl.DataFrame(row) for row in rows.values()] or [pl.DataFrame({"run": []})]
    return pl.concat(frames, how="diagonal")


def _write(folder: SessionFolder, table: str, schema: Schema, frames: list[pl.DataFrame]) -> None:
    whole = [
        frame.select(
            (pl.col(name) if name in frame.columns else pl.lit(None).alias(name)).cast(kind)
            for name, kind in schema.items()
        )
        for frame in frames
    ]
    pl.concat(whole or [pl.DataFrame(schema=schema)]).write_parquet(folder.table(table), row_group_size=1 << 19)


def _record(number: int, run: MadeRun, end_ns: int) -> RunRecord:
    started = RunStarted(
        run=number,
        at_ns=0,
        workload=run.workload,
        parameters={"width": 8, **run.parameters},
        repeat=run.repeat,
        seed=run.seed,
        device=run.device,
        device_name="a device",
        precision="float32",
        unit="sample" if not run.workload.startswith("infer/") else "request",
    )
    scores = (
        ()
        if run.accuracy is None
        else (Score(run=number, at_ns=1, metric="top1_accuracy", value=run.accuracy, samples=360),)
    )
    return RunRecord(
        run=number,
        outcome="done",
        started=started,
        ended_ns=end_ns,
        phases=(Phase(run=number, at_ns=0, phase="measure"),),
        measured_until_ns=end_ns,
        scores=scores,
    )


def _hello(role: str, fingerprint: Fingerprint, run: int = 0) -> Hello:
    return Hello(role=role, run=run, pid=1, host="here", monotonic_ns=0, wall_ns=0, fingerprint=fingerprint)  # type: ignore[arg-type]
