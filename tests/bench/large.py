"""A session of a hundred million steps, as a conductor leaves it: its tables go through the writers that finish any."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.rollups.keeping import write_rollups
from app.analysis.tables.parquet import scan_tables, write_tables
from app.analysis.tables.schema import STEPS
from app.session.planning.plan import Plan, PlannedRun
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalWriter
from app.session.store.manifest import Headline
from app.session.store.segments import part_path
from workloads.wire.frames import SESSION, Done, Gauges, Hello, Phase, RunStarted
from workloads.wire.framing import frame_bytes

STEP_NS = 1_000_000
"""1,000 steps a second: a hundred million of them take 28 hours."""

PART_ROWS = 4_000_000
"""A long session lies in parts."""

READINGS_NS = 10_000_000_000


def large_session(home: Path, steps: int, runs: int = 2) -> SessionFolder:
    """Runs of equally many steps, with readings of the host; `steps` are those of all runs together."""
    plan = Plan(
        name="large",
        runs=tuple(PlannedRun(run=run, workload="train/digits") for run in range(1, runs + 1)),
        created_ns=0,
    )
    folder = create_session(home, plan)
    each = steps // runs
    _write_facts(folder, each, runs)
    finish(folder)
    for part, first in enumerate(range(0, runs * each, PART_ROWS), 1):
        write_tables({part_path(folder, "steps", part): _steps(first, min(first + PART_ROWS, runs * each), each)})
    headline = Headline(samples=64 * each, measured_s=each * STEP_NS / 1e9, samples_per_s=64e9 / STEP_NS, p50_ms=0.95)
    manifest = folder.read_manifest()
    manifest = replace(manifest, runs=tuple(replace(record, headline=headline) for record in manifest.runs))
    folder.write_manifest(manifest)
    write_rollups(folder, manifest, scan_tables(folder))
    return folder


def _write_facts(folder: SessionFolder, each: int, runs: int) -> None:
    """All but the steps."""
    journal = JournalWriter(folder.journal)
    journal.append(frame_bytes(Hello(role="conductor", pid=1, host="bench", monotonic_ns=0, wall_ns=0)))
    for run in range(1, runs + 1):
        at_ns, end_ns = (run - 1) * each * STEP_NS, run * each * STEP_NS
        started = RunStarted(
            run=run, at_ns=at_ns, workload="train/digits", parameters={}, repeat=1, seed=0, device="cpu",
            device_name="bench", precision="float32", unit="sample",
        )  # fmt: skip
        journal.append(frame_bytes(started))
        journal.append(frame_bytes(Phase(run=run, at_ns=at_ns, phase="measure")))
        for reading_ns in range(at_ns, end_ns, READINGS_NS):
            share = reading_ns // READINGS_NS * 7919 % 1000 / 1000
            readings = {"cpu_percent": 100 * share, "memory_used_bytes": 1e9 * (1 + share)}
            journal.append(frame_bytes(Gauges(at_ns=reading_ns, device="host", source="psutil", readings=readings)))
        journal.append(frame_bytes(Done(run=run, at_ns=end_ns)))
    journal.append(frame_bytes(Done(run=SESSION, at_ns=runs * each * STEP_NS)))
    journal.close()


def _steps(first: int, last: int, each: int) -> pl.LazyFrame:
    """Step times around 0.95 ms, one in a thousand of them five times as long."""
    number = pl.int_range(first, last, dtype=pl.Int64, eager=False)
    # A multiplicative hash, whose upper bits look like chance.
    chance = (pl.col("number") * 2_654_435_761) % (1 << 32) // (1 << 12)
    wall = 900_000 + chance % 100_000
    rows = (
        pl.LazyFrame()
        .select(number=number)
        .with_columns(
            run=(pl.col("number") // each + 1).cast(pl.Int32),
            wall_ns=pl.when(chance % 1000 == 0).then(wall * 5).otherwise(wall),
            start_ns=pl.col("number") * STEP_NS,
        )
    )
    made = {
        "data_wait_ns": pl.col("wall_ns") // 20,
        "forward_ns": pl.col("wall_ns") // 3,
        "backward_ns": pl.col("wall_ns") // 2,
        "samples": pl.lit(64),
        "loss": 1.0 / (pl.col("number") // 1000 + 1),
        "phase": pl.lit("measure"),
        "rank": pl.lit(0),
    }
    known = rows.with_columns(**made)
    return known.with_columns(
        pl.lit(None).alias(name) for name in STEPS if name not in (*made, "run", "wall_ns", "start_ns")
    ).select(pl.col(name).cast(kind) for name, kind in STEPS.items())
