"""A session's manifest and tables, wherever they are now.

From Parquet where it is finished. Where it still runs, or where it could not be finished, from its parts and its
journal as far as these go; nothing is written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from msgspec.structs import replace

from app.analysis.finishing.facts import Facts
from app.analysis.finishing.finish import require_journal, with_headlines
from app.analysis.finishing.outcome import manifest_of
from app.analysis.finishing.written_facts import facts_of_written, frames_of
from app.analysis.summary.rooflines import with_rooflines
from app.analysis.tables.parquet import scan_tables
from app.analysis.tables.part_tables import tables_of_written
from app.session.live.view import RunState
from app.session.store.folder import SessionFolder
from app.session.store.lock import is_locked
from app.session.store.manifest import Manifest, RunRecord
from app.session.store.memory import allow_for
from app.session.store.segments import part_counts
from app.session.store.written import open_written
from workloads.wire.gauges import GAUGES


@dataclass(frozen=True)
class Loaded:
    """A session, ready to be asked."""

    name: str
    manifest: Manifest
    tables: Mapping[str, pl.LazyFrame]
    """By the names of `app.session.store.folder.TABLES`; the schema is in `app.analysis.tables.schema`."""
    running: bool = False
    """Whether it went on when it was read: everything in it is as of then."""
    going_on: frozenset[int] = frozenset()
    """Runs that had not ended then."""
    folder: SessionFolder | None = None
    """Where its rollups are, if it is finished."""

    def state_of(self, record: RunRecord) -> RunState:
        """How a run stood when the session was read."""
        if record.run not in self.going_on:
            return record.outcome
        return "planned" if record.outcome == "skipped" else "running"


def load(folder: SessionFolder) -> Loaded:
    """Open a session. Raises ValueError where there is nothing that can be read."""
    loaded = _read(folder)
    # Only a stranger's session has readings that are no numbers; they are none, and would spoil every sum.
    numbers = [pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in GAUGES]
    tables = {**loaded.tables, "gauges": loaded.tables["gauges"].with_columns(numbers)}
    return dataclasses.replace(loaded, tables=tables)


def _read(folder: SessionFolder) -> Loaded:
    allow_for(folder.size_bytes())
    if not folder.manifest.is_file():
        try:
            loaded = _of_journal(folder)
        except FileNotFoundError:
            loaded = None
        # While it was read it may have been finished, and its journal removed half way.
        if loaded is not None and not folder.manifest.is_file():
            return loaded
    manifest = folder.read_manifest()
    _require_parts(folder, manifest)
    return Loaded(folder.name, manifest, scan_tables(folder), folder=folder)


def _require_parts(folder: SessionFolder, manifest: Manifest) -> None:
    """A part that is lost must not look like a session in which nothing happened meanwhile."""
    found = part_counts(folder)
    for table, count in manifest.parts.items():
        if found.get(table, 0) < count:
            raise ValueError(
                f"session {folder.name} is not whole: {count - found.get(table, 0)} of {count} files "
                f"{table}-NNNNN.parquet are not in {folder.path}; put them back"
            )


def _of_journal(folder: SessionFolder) -> Loaded:
    running = is_locked(folder)
    plan = folder.read_plan()
    with open_written(folder) as written:
        require_journal(folder, written)
        found = facts_of_written(folder, written)
        tables = tables_of_written(folder, written.parts, found, lambda: frames_of(written))
    facts = found.facts
    manifest = with_rooflines(with_headlines(manifest_of(plan, facts), tables), folder.name)
    if not running:
        return Loaded(folder.name, manifest, tables)
    recovery = manifest.recovery if facts.recovery.places else None
    return Loaded(
        folder.name, replace(manifest, recovery=recovery), tables, running=True, going_on=_going_on(manifest, facts)
    )


def _going_on(manifest: Manifest, facts: Facts) -> frozenset[int]:
    ended = {number for number, run in facts.runs.items() if run.done is not None}
    return frozenset(record.run for record in manifest.runs) - ended
