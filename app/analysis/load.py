"""A session's manifest and tables, wherever they are now.

From Parquet where it is finished; a file that is damaged is named, and its table empty unless it is asked for in part.
Where it still runs, or where it could not be finished, from its parts and its journal as far as these go; nothing is
written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

import polars as pl
from msgspec.structs import replace

from app.analysis.finishing.facts import Facts
from app.analysis.finishing.headlines import with_headlines
from app.analysis.finishing.outcome import manifest_of
from app.analysis.finishing.remaking import is_lost, remade
from app.analysis.finishing.written_facts import facts_of_written, frames_of
from app.analysis.summary.rooflines import with_rooflines
from app.analysis.tables.damage import DamagedFile, damaged_files, sound_files
from app.analysis.tables.parquet import scan_files
from app.analysis.tables.part_tables import tables_of_written
from app.analysis.tables.readable import DAMAGED, readable
from app.session.live.view import RunState
from app.session.store.folder import TABLES, SessionFolder
from app.session.store.lock import is_locked
from app.session.store.manifest import Manifest, RunRecord
from app.session.store.memory import allow_for
from app.session.store.written import open_written
from workloads.wire.gauges import GAUGES

_Made = TypeVar("_Made")


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
    damaged: tuple[DamagedFile, ...] = ()
    """Files that cannot be read. Whatever rests on them is not known."""
    lost_tables: frozenset[str] = frozenset()
    """Tables that are empty for that."""

    def state_of(self, record: RunRecord) -> RunState:
        """How a run stood when the session was read."""
        if record.run not in self.going_on:
            return record.outcome
        return "planned" if record.outcome == "skipped" else "running"


def load(folder: SessionFolder, *, thorough: Collection[str] = (), partly: bool = False) -> Loaded:
    """Open a session. Raises ValueError where there is nothing that can be read.

    `thorough`: tables of which all is read once, so that whatever is damaged in them is known; of the others a file
    whose end is sound is taken for sound, and reading it may yet come to one of `readable.DAMAGED`. `partly`: of a
    table in several files the sound ones are there, for who copies rows; else it is empty, for who sums them up.
    """
    loaded = _read(folder, thorough, partly=partly)
    # Only a stranger's session has readings that are no numbers; they are none, and would spoil every sum.
    numbers = [pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in GAUGES]
    tables = {**loaded.tables, "gauges": loaded.tables["gauges"].with_columns(numbers)}
    return dataclasses.replace(loaded, tables=tables)


def of_sound(folder: SessionFolder, make: Callable[[Loaded], _Made]) -> _Made:
    """What is made of all of a session that is sound; `make` is called again where a table turns out not to be.

    Raises ValueError, one line.
    """
    try:
        return make(load(folder))
    except DAMAGED:
        with readable(folder):
            return make(load(folder, thorough=TABLES))


def _read(folder: SessionFolder, thorough: Collection[str], *, partly: bool) -> Loaded:
    allow_for(folder.size_bytes())
    sound = folder.has_sound_manifest()
    lost = not sound and is_lost(folder)
    if not sound and not lost:
        try:
            loaded = _of_journal(folder)
        except FileNotFoundError:
            loaded = None
        # While it was read it may have been finished, and its journal removed half way.
        if loaded is not None and not folder.has_sound_manifest():
            return loaded
    manifest = remade(folder) if lost else folder.read_manifest()
    damaged = damaged_files(folder, manifest.parts, thorough=thorough)
    files = sound_files(folder, damaged, partly=partly)
    empty = frozenset(each.table for each in damaged if not files[each.table])
    return Loaded(folder.name, manifest, scan_files(files), folder=folder, damaged=damaged, lost_tables=empty)


def _of_journal(folder: SessionFolder) -> Loaded:
    running = is_locked(folder)
    plan = folder.read_plan()
    with open_written(folder) as written:
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
