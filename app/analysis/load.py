"""Opens a session for analysis, in whatever state it is: finished, running, or one that could not be finished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.analysis.finish import journal_facts, journal_tables, with_headlines
from app.analysis.outcome import manifest_of
from app.analysis.parquet import scan_tables
from app.analysis.tables import Tables
from app.session.folder import SessionFolder
from app.session.lock import is_locked
from app.session.manifest import Manifest

State = Literal["finished", "running", "unfinished"]
"""`unfinished`: its tables were never made, and nobody is at it; what its journal holds is shown."""


@dataclass(frozen=True)
class Loaded:
    """A session's manifest and its four tables, which are read when they are needed. Never leaves this room."""

    folder: SessionFolder
    state: State
    manifest: Manifest
    """Of a session that is not finished: as it would be, were it to end now."""
    tables: Tables


def load(folder: SessionFolder) -> Loaded:
    """Open a session. Raises ValueError (or UnknownVersion, which is one) when there is nothing that can be read."""
    if folder.manifest.is_file():
        return Loaded(folder, "finished", folder.read_manifest(), scan_tables(folder))
    running = is_locked(folder)
    plan = folder.read_plan()
    try:
        facts = journal_facts(folder)
    except FileNotFoundError:
        # Finished in between: the journal goes only when the manifest is there.
        return load(folder)
    tables = journal_tables(folder, facts)
    manifest = with_headlines(manifest_of(plan, facts), tables)
    return Loaded(folder, "running" if running else "unfinished", manifest, tables)
