"""Files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def placed(output: str | None, name: str) -> Path:
    """Where a file is written: as asked for, under `name` in a folder, else here."""
    target = Path(output).expanduser() if output else Path()
    return target / name if target.is_dir() else target


def require_new(target: Path) -> None:
    """Raises ValueError where a file that was asked for cannot be: nothing is written over."""
    if not target.parent.is_dir():
        raise ValueError(f"{target.parent} is no folder: make it first, or give another place with -o")
    if os.path.lexists(target):
        raise ValueError(f"{target} is there already: remove it, or give another name with -o")


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Put a file down under a draft's name, bring it onto the disk, then give it its own. Raises OSError, without a
    draft left.

    What was there before is there until then. The name is on the disk once the folder is, see `sync_names`.
    """
    draft = path.with_suffix(f"{path.suffix}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Return when what is in a file survives a power cut."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def sync_names(path: Path) -> None:
    """Return when the names in a folder survive a power cut."""
    place = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(place)
    finally:
        os.close(place)
