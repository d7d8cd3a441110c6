"""Makes a session's tables and manifest of its journal: `python -P -m app.analysis.finish SESSION_PATH`.

Used by the conductor at the end, and by any command that meets a session that nobody ended. The
journal is removed only when everything that it says is safe on the disk in another form.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from app.analysis.facts import Facts, read_facts
from app.analysis.headline import headlines, measured_s
from app.analysis.outcome import manifest_of
from app.analysis.parquet import scan_tables, write_tables
from app.analysis.tables import Tables, tables_of
from app.session.folder import SessionFolder
from app.session.journal import JournalReader
from app.session.lock import hold_lock
from app.session.manifest import Manifest

RESERVE = "reserve"
"""The room that a conductor holds back for its last frames; one that was killed leaves it behind."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Finish one session → exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.analysis.finish")
    parser.add_argument("session", type=Path)
    parser.add_argument("--by-conductor", action="store_true", help="the caller holds the session's lock")
    given = parser.parse_args(arguments)
    folder = SessionFolder(given.session)
    try:
        with contextlib.nullcontext() if given.by_conductor else hold_lock(folder):
            finish(folder)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def finish(folder: SessionFolder) -> Manifest:
    """Write tables and manifest, remove the journal → the manifest. Whoever calls holds the session's lock.

    A finished session is left as it is. Raises UnknownVersion, OSError, and ValueError for a journal
    that is none and for tables that cannot be written; the journal stays then.
    """
    if folder.manifest.is_file():
        manifest = folder.read_manifest()
    else:
        plan = folder.read_plan()
        (folder.path / RESERVE).unlink(missing_ok=True)
        facts = journal_facts(folder)
        write_tables(folder, journal_tables(folder, facts))
        manifest = with_headlines(manifest_of(plan, facts), scan_tables(folder))
        folder.write_manifest(manifest)
    folder.journal.unlink(missing_ok=True)
    return manifest


def journal_facts(folder: SessionFolder) -> Facts:
    """What a session's journal says; nothing at all where its conductor never began one."""
    return read_facts(folder) if folder.journal.is_file() else Facts()


def journal_tables(folder: SessionFolder, facts: Facts) -> Tables:
    """The tables of a session's journal, whose facts were read before."""
    return tables_of(lambda: JournalReader(folder.journal), facts)


def with_headlines(manifest: Manifest, tables: Tables) -> Manifest:
    """A manifest with every run's headline, computed from the tables."""
    seconds = {record.run: measured_s(record.phases, record.measured_until_ns) for record in manifest.runs}
    found = headlines(tables, seconds, {record.run: record.scores for record in manifest.runs})
    runs = tuple(replace(record, headline=found[record.run]) for record in manifest.runs)
    return replace(manifest, runs=runs)


if __name__ == "__main__":
    sys.exit(main())
