"""A session's manifest and tables, wherever they are now.

From Parquet where it is finished. Where it still runs, or where it could not be finished, from its
journal as far as that goes; nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from app.analysis.finish import journal_facts, journal_tables, with_headlines
from app.analysis.outcome import manifest_of
from app.analysis.parquet import scan_tables
from app.session.folder import SessionFolder
from app.session.lock import is_locked
from app.session.manifest import Manifest


@dataclass(frozen=True)
class Loaded:
    """A session, ready to be asked."""

    name: str
    manifest: Manifest
    tables: Mapping[str, pl.LazyFrame]
    """By the names of `app.session.folder.TABLES`; the schema is in `app.analysis.schema`."""
    running: bool = False
    """Whether it went on when it was read: everything in it is as of then."""


def load(folder: SessionFolder) -> Loaded:
    """Open a session. Raises ValueError where there is nothing that can be read."""
    if folder.manifest.is_file():
        return Loaded(folder.name, folder.read_manifest(), scan_tables(folder))
    plan = folder.read_plan()
    facts = journal_facts(folder)
    tables = journal_tables(folder, facts)
    return Loaded(folder.name, with_headlines(manifest_of(plan, facts), tables), tables, running=is_locked(folder))
