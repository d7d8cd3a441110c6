"""Faults that are put into the handling of files on purpose: each must be found, or a proof that finds none proves
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final
from unittest import mock

from app.analysis.finishing import finish, roll
from app.conductor import syncing
from app.session.store.files import write_whole
from app.session.store.folder import SessionFolder
from app.session.store.journal import JournalWriter
from app.session.store.manifest import Manifest
from app.session.store.segments import closed_path


def _nothing(*_: object) -> None:
    """In the place of what brings something onto the disk."""


def _without_facts(path: Path, pieces: Iterable[bytes]) -> None:
    if not path.name.startswith("facts-"):
        write_whole(path, pieces)


def _segment_first(path: Path, pieces: Iterable[bytes]) -> None:
    """The segment is removed before the marker is there."""
    if path.name.startswith("part-"):
        closed_path(SessionFolder(path.parent), int(path.stem.partition("-")[2])).unlink()
    write_whole(path, pieces)


def _marker_first(folder: SessionFolder, number: int) -> Any:
    """The marker is there before the parts are."""
    (folder.path / f"part-{number:05}.json").write_bytes(b'{"segment": %d}' % number)
    return _make(folder, number)


_make: Final = roll._make


def _journal_first(folder: SessionFolder, manifest: Manifest) -> None:
    folder.journal.unlink(missing_ok=True)
    _write_manifest(folder, manifest)


_write_manifest: Final = SessionFolder.write_manifest


def _in_place(path: Path, pieces: Iterable[bytes]) -> None:
    """No draft, and not onto the disk."""
    path.write_bytes(b"".join(pieces))


Plant = Callable[[], AbstractContextManager[Any]]

FAULTS: Final[dict[str, Plant]] = {
    "the journal is not synced": lambda: mock.patch.object(JournalWriter, "sync", _nothing),
    "names of segments are not synced": lambda: mock.patch.object(syncing, "sync_names", _nothing),
    "a segment is removed before the names of its part are synced": lambda: mock.patch.object(
        roll, "sync_names", _nothing
    ),
    "a segment is removed before its part counts": lambda: mock.patch.object(roll, "write_whole", _segment_first),
    "a part counts before it is whole": lambda: mock.patch.object(roll, "_make", _marker_first),
    "a part is without its facts": lambda: mock.patch.object(roll, "write_whole", _without_facts),
    "parts are written in place": lambda: mock.patch.object(roll, "write_whole", _in_place),
    "the journal is removed before the manifest is there": lambda: mock.patch.object(
        SessionFolder, "write_manifest", _journal_first
    ),
    "the journal is removed before the manifest's name is synced": lambda: mock.patch.object(
        finish, "sync_names", _nothing
    ),
}
