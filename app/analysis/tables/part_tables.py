"""The tables of what a session without a manifest has written: its parts, labelled by what is known by now, and the
rest, which is in no part yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from app.analysis.finishing.written_facts import WrittenFacts
from app.analysis.tables.of_frames import Tables, lifetimes, phases_of, tables_in_memory
from app.analysis.tables.parquet import has_older_words, scan_parts, write_tables
from app.analysis.tables.readings import Lifetime, runs_at
from app.analysis.tables.samples import Phases, phase_at
from app.analysis.tables.schema import PHASE, SAMPLE_END
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.segments import part_path
from workloads.wire.frames import SESSION, AnyFrame


def tables_of_written(
    folder: SessionFolder, parts: Sequence[int], found: WrittenFacts, frames: Callable[[], Iterable[AnyFrame]]
) -> dict[str, pl.LazyFrame]:
    """All of them; `frames` starts a reading of what is in no part, which is read at once."""
    rest = tables_in_memory(frames, found.facts)
    if not parts:
        return rest
    held = _labelled_parts(folder, parts, found)
    return {name: pl.concat([held[name], rest[name]]) for name in TABLES}


def write_labels(folder: SessionFolder, parts: Sequence[int], found: WrittenFacts) -> None:
    """Write those parts anew whose rows are to be labelled otherwise by now, or that an older benchtop labelled with
    other words: what is left is written with today's. May be done any number of times.

    Raises OSError and PolarsError, with all parts whole.
    """
    lives, phases = lifetimes(found.facts.runs), phases_of(found.facts)
    for part in parts:
        tables = scan_parts(folder, (part,))
        anew: dict[Path, pl.LazyFrame] = {}
        if runs := found.stale(part):
            labelled = _with_phases(tables, {run: phases[run] for run in runs})
            anew = {path: labelled[name] for name in SAMPLE_END if (path := part_path(folder, name, part)).is_file()}
        for name in TABLES:
            path = part_path(folder, name, part)
            if path not in anew and path.is_file() and has_older_words(folder, name, part):
                anew[path] = tables[name]
        gauges = part_path(folder, "gauges", part)
        if gauges.is_file() and _has_unknown_runs(tables["gauges"], lives):
            anew[gauges] = _with_runs(tables["gauges"], lives)
        if anew:
            write_tables(anew)


def _labelled_parts(folder: SessionFolder, parts: Sequence[int], found: WrittenFacts) -> dict[str, pl.LazyFrame]:
    tables = scan_parts(folder, parts)
    stale = {part: runs for part in parts if (runs := found.stale(part))}
    if stale:
        phases = phases_of(found.facts)
        pieces = [
            _with_phases(scan_parts(folder, (part,)), {run: phases[run] for run in stale.get(part, ())})
            for part in parts
        ]
        tables = {**tables, **{name: pl.concat([piece[name] for piece in pieces]) for name in SAMPLE_END}}
    return {**tables, "gauges": _with_runs(tables["gauges"], lifetimes(found.facts.runs))}


def _with_phases(tables: Tables, phases: Phases) -> dict[str, pl.LazyFrame]:
    """The tables of samples, those of these runs labelled anew."""
    return {name: _labelled(tables[name], end, phases) for name, end in SAMPLE_END.items()}


def _labelled(table: pl.LazyFrame, end: pl.Expr, phases: Phases) -> pl.LazyFrame:
    for run, of_run in phases.items():
        label = end.map_batches(partial(phase_at, of_run), return_dtype=PHASE, is_elementwise=True)
        table = table.with_columns(pl.when(run=run).then(label).otherwise("phase").alias("phase"))
    return table


def _with_runs(gauges: pl.LazyFrame, lives: Sequence[Lifetime]) -> pl.LazyFrame:
    """Readings that bear no run get the one that was going on at their instant."""
    at = pl.col("at_ns").map_batches(partial(runs_at, lives), return_dtype=pl.Int32, is_elementwise=True)
    return gauges.with_columns(pl.when(run=SESSION).then(at).otherwise("run").alias("run"))


def _has_unknown_runs(gauges: pl.LazyFrame, lives: Sequence[Lifetime]) -> bool:
    unnamed = gauges.filter(run=SESSION).select("at_ns").collect()["at_ns"]
    return bool(len(unnamed)) and bool((runs_at(lives, unnamed) != SESSION).any())
