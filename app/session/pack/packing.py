"""A finished session's folder → one file. What travels is decided by names; what stays is told."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from app.session.pack.about import About, packed_name
from app.session.pack.members import ABOUT, is_deflated, kind_of
from app.session.store.files import require_new

ENDING: Final = ".benchtop.zip"
_OWN: Final = re.compile(
    r"lock|reserve|control\.sock|conductor\.log|manifest\.json\.part|"
    r"journal(?:-\d{5,9})?\.frames|part-\d{5,9}\.json|rollups-\d{5,9}\.parquet"
)
"""What benchtop needs itself while a session runs: not worth a word."""
CHUNK_BYTES: Final = 1 << 20
_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The first that ZIP knows: when files were written is nobody's business, and one session makes one pack."""


class File(msgspec.Struct, frozen=True):
    """One file of a session."""

    name: str
    size_bytes: int


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a session's files."""

    path: Path
    size_bytes: int
    taken: tuple[File, ...]
    weights: tuple[File, ...]
    """That were left out, because nobody asked for them."""
    left: tuple[str, ...]
    """Other files that no session has, or that cannot be scrubbed."""


def pack(
    source: Path,
    about: About,
    target: Path,
    *,
    weights: bool,
    left: Sequence[str] = (),
) -> Packed:
    """Write all files of `source` that travel into `target`, whole or not at all.

    `left`: names that were left out before. Raises ValueError where the target is there already, and OSError.
    """
    require_new(target)
    files, others = _sorted(source)
    taken = [file for file in files if weights or kind_of(file.name) != "weights"]
    kept = tuple(file for file in files if file not in taken)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        _write(source, about, taken, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return Packed(
        path=target,
        size_bytes=target.stat().st_size,
        taken=tuple(taken),
        weights=kept,
        left=(*left, *others),
    )


def about_session(name: str, benchtop: str, *, scrubbed: bool = False) -> About:
    """What a pack says of the session in it."""
    return About(name=packed_name(name), benchtop=benchtop, scrubbed=scrubbed)


def files_of(source: Path) -> list[File]:
    """All that may travel, in the order of their names; links and the like never do."""
    return _sorted(source)[0]


def _sorted(source: Path) -> tuple[list[File], list[str]]:
    files, others = [], []
    for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode) and kind_of(entry.name) not in (None, "about"):
            files.append(File(entry.name, status.st_size))
        elif not _OWN.fullmatch(entry.name):
            others.append(entry.name)
    return files, others


def _write(source: Path, about: About, files: Sequence[File], draft: Path) -> None:
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w+b") as out:
        with zipfile.ZipFile(out, "w", allowZip64=True) as archive:
            archive.writestr(_member(ABOUT, deflated=False), msgspec.json.encode(about))
            for file in files:
                _copy(source / file.name, archive)
        out.flush()
        os.fsync(out.fileno())


def _copy(path: Path, archive: zipfile.ZipFile) -> None:
    kind = kind_of(path.name)
    assert kind is not None
    member = _member(path.name, deflated=is_deflated(kind))
    with contextlib.closing(os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")) as file:
        # Told beforehand, so that what is large is written as ZIP64 from the start.
        member.file_size = os.fstat(file.fileno()).st_size
        with archive.open(member, "w") as packed:
            shutil.copyfileobj(file, packed, CHUNK_BYTES)


def _member(name: str, *, deflated: bool) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _TIME)
    member.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    member.create_system = 3
    member.external_attr = (stat.S_IFREG | 0o600) << 16
    return member
