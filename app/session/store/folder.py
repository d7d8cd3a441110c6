"""Session folders: where they are, what lies in them, how they are named and found.

Knows paths and nothing of what is in the files, except the two small JSON ones.
"""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from app.session.planning.plan import Plan
from app.session.store.files import write_whole
from app.session.store.manifest import Manifest
from app.session.store.schema import SCHEMA, schema_of
from app.session.store.whereabouts import home_path

TABLES = ("steps", "requests", "gauges", "logs", "events")
"""The Parquet files of a finished session, each `NAME.parquet`. Older sessions have no events."""

RESERVE = "reserve"
"""The room that a conductor holds back for its last frames: nothing is in it. One that was killed leaves it behind."""

LARGEST_DOCUMENT = 32 << 20
"""Bytes of a plan or a manifest; a run takes some 10,000. In memory JSON may be 25 times as large."""

_Document = TypeVar("_Document", bound=msgspec.Struct)
_Whole = TypeVar("_Whole", Plan, Manifest)


def sessions_home(environment: Mapping[str, str]) -> Path:
    """The folder of all sessions; see `whereabouts.home_path`."""
    return Path(home_path(environment))


@dataclass(frozen=True)
class SessionFolder:
    """One session on disk."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, which is how a session is called on the command line."""
        return self.path.name

    @property
    def plan(self) -> Path:
        """`plan.json`, there from the first instant."""
        return self.path / "plan.json"

    @property
    def journal(self) -> Path:
        """`journal.frames`, there while the session runs and until its tables are safe."""
        return self.path / "journal.frames"

    @property
    def manifest(self) -> Path:
        """`manifest.json`, there once the session is finished."""
        return self.path / "manifest.json"

    @property
    def rollups(self) -> Path:
        """`rollups.parquet`, sums of stretches of time: there in large sessions, and made again where it is missing."""
        return self.path / "rollups.parquet"

    @property
    def control(self) -> Path:
        """The conductor's Unix socket."""
        return self.path / "control.sock"

    @property
    def conductor_log(self) -> Path:
        """What the conductor prints, which is nothing unless something is wrong with benchtop itself."""
        return self.path / "conductor.log"

    def table(self, name: str) -> Path:
        """The Parquet file of one of TABLES."""
        assert name in TABLES
        return self.path / f"{name}.parquet"

    def weights(self, run: int) -> Path:
        """Where a training run leaves its weights."""
        return self.path / f"weights-{run}.pt"

    def size_bytes(self) -> int:
        """Bytes of all its files but the reserve, which goes when the session ends."""
        return sum(_size_bytes(entry) for entry in os.scandir(self.path) if entry.name != RESERVE)

    def read_plan(self) -> Plan:
        """The plan. Raises ValueError with the path when it is missing, damaged or of a newer schema."""
        return _read(self.plan, Plan)

    def read_manifest(self) -> Manifest:
        """The manifest. Raises ValueError when it is missing, damaged or of a newer schema."""
        return _read(self.manifest, Manifest)

    def has_sound_manifest(self) -> bool:
        """Whether there is one, and it is not damaged; one that needs a newer benchtop is not, nor one that nobody may
        read.
        """
        try:
            self.read_manifest()
        except DamagedDocument:
            return False
        except ValueError:
            return self.manifest.exists()
        return True

    def write_plan(self, plan: Plan) -> None:
        """Put the plan down, whole or not at all."""
        _write(self.plan, plan)

    def write_manifest(self, manifest: Manifest) -> None:
        """Put the manifest down, whole or not at all: its presence says that the session is finished."""
        _write(self.manifest, manifest)


class DamagedDocument(ValueError):
    """It can be read, and is none."""


def create_session(home: Path, plan: Plan) -> SessionFolder:
    """A new folder `<time>-<slug>`, mode 0700, with the plan in it. Raises OSError when it cannot be made."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    created = dt.datetime.fromtimestamp(plan.created_ns / 1e9)
    stem = f"{created:%Y%m%d-%H%M%S}-{slug(plan.name)}"
    for attempt in range(1, 1000):
        path = home / (stem if attempt == 1 else f"{stem}-{attempt}")
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            continue
        folder = SessionFolder(path)
        folder.write_plan(plan)
        return folder
    raise FileExistsError(f"a thousand sessions named {stem} in {home}: give this one another --name")


def slug(name: str) -> str:
    """A name as part of a path: lower case, digits and hyphens, 60 characters at most."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or "session"


def list_sessions(home: Path) -> list[SessionFolder]:
    """All sessions, newest first; folders without a plan are none of ours, nor are hidden ones: see `removal`."""
    if not home.is_dir():
        return []
    seen = (path for path in home.iterdir() if not path.name.startswith("."))
    paths = (path for path in seen if (path / "plan.json").is_file() or (path / "manifest.json").is_file())
    return [SessionFolder(path) for path in sorted(paths, key=lambda path: path.name, reverse=True)]


def find_session(home: Path, given: str) -> SessionFolder:
    """A session by its folder, its pack, or any unmistakable part of its name. Raises ValueError with near misses.

    A pack is opened, which may raise OSError too.
    """
    as_path = Path(given).expanduser()
    if as_path.is_file() and (as_path.suffix == ".zip" or os.sep in given or _is_zip(as_path)):
        from app.session.pack.opening import opened_pack  # noqa: PLC0415 - imports this module

        return SessionFolder(opened_pack(as_path))
    if (as_path / "plan.json").is_file() or (as_path / "manifest.json").is_file():
        # `.` and `..` have a name of their own; what is a link stays one, and so is never removed.
        return SessionFolder(Path(os.path.abspath(as_path)))  # noqa: PTH100
    sessions = list_sessions(home)
    # `20261125-233312-probe-copy` is called `probe-copy`; a name that is whole goes before a part of longer ones.
    exact = [session for session in sessions if given in (session.name, re.sub(r"^\d{8}-\d{6}-", "", session.name))]
    matches = exact or [session for session in sessions if given in session.name]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(session.name for session in matches[:4])
        raise ValueError(
            f"{given!r} is part of {len(matches)} sessions ({names}{' …' if len(matches) > 4 else ''}): "
            f"give more of the name"
        )
    near = difflib.get_close_matches(given, [session.name for session in sessions], n=3, cutoff=0.4)
    hint = (
        f"; near: {', '.join(near)}"
        if near
        else "; `benchtop ls` lists them"
        if sessions
        else "; there are none yet, `benchtop run` makes one"
    )
    raise ValueError(f"no session {given!r} in {home}{hint}")


def _is_zip(path: Path) -> bool:
    """Whether it begins like one: a file that only happens to be called like a session does not hide this."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _size_bytes(entry: os.DirEntry[str]) -> int:
    """0 for what is no file, or went while it was looked at: sessions roll and are removed meanwhile."""
    try:
        return entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else 0
    except FileNotFoundError:
        return 0


def read_document(path: Path, kind: type[_Document]) -> _Document:
    """A document of a session, or a part of it by another structure. Raises ValueError, one line with the path."""
    return _decoded(_text(path), path, kind)


def _read(path: Path, kind: type[_Whole]) -> _Whole:
    """With the version that the file bears."""
    text = _text(path)
    document = _decoded(text, path, kind)
    schema = schema_of(text, str(path))
    return document if document.schema == schema else replace(document, schema=schema)


def _text(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > LARGEST_DOCUMENT:
                raise DamagedDocument(f"{path} is larger than any can be: it is damaged, or not of benchtop")
            return file.read(LARGEST_DOCUMENT)
    except FileNotFoundError as error:
        raise ValueError(f"{path} is not there") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def _decoded(text: bytes, path: Path, kind: type[_Document]) -> _Document:
    try:
        try:
            document = msgspec.json.decode(text, type=kind)
        except msgspec.DecodeError:
            schema_of(text, str(path))  # of a newer benchtop, it may well have another shape
            raise
        if getattr(document, "schema", SCHEMA) > SCHEMA:
            schema_of(text, str(path))
    except RecursionError as error:
        raise DamagedDocument(f"{path} cannot be read: it is nested too deep") from error
    except (UnicodeDecodeError, msgspec.DecodeError) as error:
        raise DamagedDocument(f"{path} cannot be read: {error}") from error
    return document


def _write(path: Path, document: Plan | Manifest) -> None:
    write_whole(path, [msgspec.json.format(msgspec.json.encode(document), indent=2)])
