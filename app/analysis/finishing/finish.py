"""Makes a session's tables and manifest of its journal: `python -P -m app.analysis.finishing.finish SESSION_PATH`.

Used by the conductor at the end, and by any command that meets a session that nobody ended. The
journal is removed only when everything that it says is safe on the disk in another form. Closed segments that are in
no part yet become parts first; what is left in `journal.frames` becomes `steps.parquet` and so on. It may end anywhere,
and be begun again.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from msgspec.structs import replace

from app.analysis.finishing.headlines import with_headlines
from app.analysis.finishing.outcome import manifest_of
from app.analysis.finishing.remaking import is_lost, remade
from app.analysis.finishing.roll import roll
from app.analysis.finishing.written_facts import facts_of_written, frames_of
from app.analysis.rollups.keeping import rollups
from app.analysis.summary.rooflines import with_rooflines
from app.analysis.tables.of_frames import Tables, tables_of
from app.analysis.tables.parquet import scan_tables, write_tables
from app.analysis.tables.part_tables import write_labels
from app.analysis.tables.readable import first_line
from app.session.plain import plain
from app.session.store.files import sync_names, write_whole
from app.session.store.folder import RESERVE, TABLES, SessionFolder
from app.session.store.lock import SessionBusy, alone_at_tables, hold_lock
from app.session.store.manifest import Manifest
from app.session.store.memory import allow_for, limit_memory
from app.session.store.segments import closed_path, closed_segments, facts_path, part_counts
from app.session.store.written import open_written
from workloads.wire.framing import frame_bytes


class NotFinished(ValueError):
    """Tables or manifest could not be put on the disk. The journal and what was there before are as they were."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Finish one session → exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.analysis.finishing.finish")
    parser.add_argument("session", type=Path)
    parser.add_argument("--by-conductor", action="store_true", help="the caller holds the session's lock")
    given = parser.parse_args(arguments)
    folder = SessionFolder(given.session)
    try:
        if not given.by_conductor:
            limit_memory()
            allow_for(folder.size_bytes())
        with contextlib.nullcontext() if given.by_conductor else hold_lock(folder):
            finish(folder)
    except SessionBusy as error:
        if folder.has_sound_manifest():
            return 0
        print(plain(str(error)), file=sys.stderr)
        return 1
    except (ValueError, OSError, MemoryError) as error:
        print(plain(str(error) or "there is not enough memory to finish it"), file=sys.stderr)
        return 1
    return 0


def finish(folder: SessionFolder) -> Manifest:
    """Write tables and manifest, remove the journal → the manifest. Whoever calls holds the session's lock.

    A finished session is left as it is; where its manifest was lost, that alone is made again. Raises UnknownVersion,
    OSError, NotFinished, and ValueError for a journal that is none; the journal stays then.
    """
    with alone_at_tables(folder):
        manifest = folder.read_manifest() if folder.has_sound_manifest() else _make(folder)
        for number in closed_segments(folder):
            closed_path(folder, number).unlink(missing_ok=True)
        for draft in folder.path.glob("*.part"):  # of whoever died at it
            draft.unlink(missing_ok=True)
        # Last of all: as long as it is there, whoever meets the session finishes what was begun here.
        folder.journal.unlink(missing_ok=True)
        # They are for a quick look, and made when a session is opened if they cannot be made now.
        rollups(folder, manifest, scan_tables(folder))
    return manifest


def _make(folder: SessionFolder) -> Manifest:
    if is_lost(folder):
        return _make_manifest_again(folder)
    plan = folder.read_plan()
    try:
        (folder.path / RESERVE).unlink(missing_ok=True)
        for number in closed_segments(folder):
            roll(folder, number)
        with open_written(folder) as written:
            found = facts_of_written(folder, written)
            write_labels(folder, written.parts, found)
            write_tables(_by_path(folder, tables_of(lambda: frames_of(written), found.facts)))
            write_whole(facts_path(folder), map(frame_bytes, found.rest))
        manifest = with_rooflines(with_headlines(manifest_of(plan, found.facts), scan_tables(folder)), folder.name)
        manifest = replace(manifest, parts=part_counts(folder))
        folder.write_manifest(manifest)
        sync_names(folder.path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise NotFinished(_words(error, folder)) from error
    finally:
        folder.manifest.with_suffix(".json.part").unlink(missing_ok=True)
    return manifest


def _make_manifest_again(folder: SessionFolder) -> Manifest:
    """What is damaged of the old one stays beside it."""
    manifest = remade(folder)
    if folder.manifest.exists():
        folder.manifest.replace(folder.manifest.with_suffix(".json.damaged"))
    folder.write_manifest(manifest)
    sync_names(folder.path)
    return manifest


def _by_path(folder: SessionFolder, tables: Tables) -> dict[Path, pl.LazyFrame]:
    return {folder.table(name): tables[name] for name in TABLES}


def _words(error: Exception, folder: SessionFolder) -> str:
    why = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
    return (
        f"session {folder.name} cannot be saved as tables ({why}): its journal stays; "
        f"free space, then `benchtop show {folder.name}` makes them"
    )


if __name__ == "__main__":
    sys.exit(main())
