"""A pack → the folder of its session, in the cache. The file itself is only read."""

from __future__ import annotations

import hashlib
import os
import zipfile
from io import BufferedReader
from pathlib import Path
from typing import Final

from app.session.pack.about import about_of
from app.session.pack.cache import cache_home, cached, clean
from app.session.pack.directory import NoPack, checked_members, readable_zip
from app.session.pack.members import ABOUT

CHUNK_BYTES: Final = 1 << 20
NEEDED: Final = (ABOUT, "manifest.json")
WRITTEN_S: Final = 315_532_800
"""When every file says that it was written, as in the pack: 1980, seconds since 1970."""


def opened_pack(path: Path) -> Path:
    """The session's folder. Raises ValueError, one line that names the file, and OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        try:
            return _opened(file, size)
        except ValueError as error:
            raise ValueError(f"{path.name!r} cannot be opened: {error}") from error


def _opened(file: BufferedReader, size: int) -> Path:
    archive, members = checked_members(file, size)
    for name in NEEDED:
        if name not in members:
            raise NoPack(f"there is no {name} in it")
    with readable_zip():
        about = about_of(archive.read(members[ABOUT]))
    file.seek(0)
    key = hashlib.file_digest(file, "sha256").hexdigest()[:32]
    home = cache_home(os.environ)
    clean(home)
    place = cached(home, key, lambda draft: _unpack(archive, members, draft / about.name))
    return place / about.name


def _unpack(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for name, member in members.items():
        if name == ABOUT:
            continue
        written = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o400)
        with os.fdopen(written, "wb", buffering=0) as out, readable_zip(), archive.open(member) as packed:
            while chunk := packed.read(CHUNK_BYTES):
                out.write(chunk)
        # All of one instant: what was made of other files is known to be so by not being older than they are.
        os.utime(folder / name, (WRITTEN_S, WRITTEN_S))
    folder.chmod(0o500)
