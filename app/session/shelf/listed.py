"""The rows of all sessions at once, of which those that have not changed are remembered from the last time.

Reading 5,000 manifests takes a second. So rows are kept in a file of the sessions' home, each with a stamp of what it
was made of: the folder itself, which changes whenever a file in it gets its name, the manifest, and the note, which an
editor may write in place. A row is taken only where its stamp still holds. What goes on has no manifest, and is never
kept; nor is what changed in the last two seconds, since two changes may bear one time. The file is put down whole; of
two benchtops at once the later one's stays, and either is right. One that is damaged or of another version is as none.
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from app.session.shelf.listing import RunRow, SessionRow, session_row
from app.session.store.folder import SessionFolder
from app.session.store.manifest import Headline

INDEX: Final = ".index"
"""Its name; a hidden one is no session's."""
LARGEST_INDEX: Final = 256 << 20
"""Bytes; 5,000 sessions have two million."""
SETTLED_NS: Final = 2_000_000_000
"""What changed longer ago than this will not change again under the same time."""
_CRC_BYTES: Final = 4

Stamp = tuple[int, ...]


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    stamp: Stamp
    row: SessionRow


class _Index(msgspec.Struct, frozen=True, array_like=True):
    form: str
    home: str
    kept: dict[str, _Kept]


_FORM: Final = "1 " + " ".join(
    field for kind in (SessionRow, RunRow, Headline) for field in (kind.__name__, *kind.__struct_fields__)
)
"""Another benchtop's rows may say less."""


def session_rows(home: Path) -> list[SessionRow]:
    """Of every session in `home`, the newest first. Raises OSError only where `home` itself cannot be read."""
    now_ns = time.time_ns()
    before = _read(home)
    kept: dict[str, _Kept] = {}
    rows: dict[str, SessionRow] = {}
    for name in _names(home):
        path = f"{home}/{name}"
        stamp = _stamp(path)
        known = before.get(name)
        if known is not None and stamp is not None and known.stamp == stamp:
            kept[name], rows[name] = known, known.row
            continue
        with contextlib.suppress(FileNotFoundError):  # it may be removed just now
            folder = SessionFolder(Path(path))
            if stamp is None and not folder.plan.is_file():
                continue
            rows[name] = row = session_row(folder)
            if stamp is not None and _is_kept(row) and now_ns - max(stamp[1], stamp[4]) > SETTLED_NS:
                kept[name] = _Kept(stamp, row)
    if kept.keys() != before.keys() or any(kept[name] is not before[name] for name in kept):
        _write(home, kept)
    return [rows[name] for name in sorted(rows, reverse=True)]


def _is_kept(row: SessionRow) -> bool:
    """What could not be read is looked at again: it may be readable by now, or by a newer benchtop."""
    return row.state not in ("running", "unreadable") and row.path.isprintable()


def _names(home: Path) -> Iterable[str]:
    try:
        names = os.listdir(home)  # noqa: PTH208 - thousands of paths take longer than their names
    except FileNotFoundError:
        return ()
    return (name for name in names if not name.startswith("."))


def _stamp(path: str) -> Stamp | None:
    """What its row was made of; None: there is no manifest. The second and the fifth are times of a last change."""
    try:
        folder, manifest = os.stat(path), os.stat(f"{path}/manifest.json")  # noqa: PTH116 - as above
    except OSError:
        return None
    try:
        note = os.stat(f"{path}/notes.md")  # noqa: PTH116
        noted = (note.st_mtime_ns, note.st_size)
    except OSError:
        noted = (0, 0)
    return (folder.st_ino, folder.st_mtime_ns, manifest.st_ino, manifest.st_size, *noted, manifest.st_mtime_ns)


def _read(home: Path) -> dict[str, _Kept]:
    """What was kept; nothing where that is not as it was put down."""
    try:
        with (home / INDEX).open("rb") as file:
            data = file.read(LARGEST_INDEX)
        index = msgspec.msgpack.decode(data[_CRC_BYTES:], type=_Index) if _is_sound(data) else None
    except (OSError, ValueError, RecursionError):
        return {}
    return index.kept if index is not None and (index.form, index.home) == (_FORM, str(home)) else {}


def _is_sound(data: bytes) -> bool:
    return int.from_bytes(data[:_CRC_BYTES], "little") == zlib.crc32(memoryview(data)[_CRC_BYTES:])


def _write(home: Path, kept: dict[str, _Kept]) -> None:
    """Never fails: without it the next list takes longer."""
    draft = home / f"{INDEX}.{os.getpid()}.part"
    with contextlib.suppress(OSError):
        data = msgspec.msgpack.encode(_Index(_FORM, str(home), kept))
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
                file.write(zlib.crc32(data).to_bytes(_CRC_BYTES, "little") + data)
            draft.replace(home / INDEX)
        finally:
            draft.unlink(missing_ok=True)
