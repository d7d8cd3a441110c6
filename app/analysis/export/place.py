"""Where an export goes: a file or a folder that is there whole or not at all, or stdout. Nothing is written over."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl

from app.session.store.files import require_new, sync_names

STDOUT: Final = "-"

NO_ROOM: Final = 1 << 20
"""Free bytes of a disk that is full: less than a writer asks for at once."""


@contextmanager
def file_at(output: str | None, name: str) -> Iterator[tuple[Path, Path]]:
    """The draft to write, and the file that it becomes when the block ends well.

    `name`: what it is called when nobody says, or in a folder. Raises ValueError where it is there, and OSError.
    """
    target = Path(output).expanduser() if output else Path(name)
    if target.is_dir():
        target /= name
    require_new(target)
    draft = _draft(target)
    try:
        with _named(draft, target):
            draft.touch()  # what cannot be written is known before a table is read
        with _room(draft.parent):
            yield draft, target
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(target)
        sync_names(target.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def folder_at(output: str | None, name: str) -> Iterator[tuple[Path, Path]]:
    """The same of a folder, which is empty at first; one that is there and empty may be given."""
    target = Path(output).expanduser() if output else Path(name)
    empty = target.is_dir() and not any(target.iterdir())
    if not empty:
        require_new(target)
    draft = _draft(target)
    with _named(draft, target):
        draft.mkdir()
    try:
        with _room(draft.parent):
            yield draft, target
        draft.replace(target)
        sync_names(target.absolute().parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def stdout(*, binary: bool) -> Iterator[BinaryIO]:
    """Raises ValueError where bytes that are no text would go to a terminal, and BrokenPipeError."""
    if binary and sys.stdout.isatty():
        raise ValueError("this format is no text for a terminal: give a file with -o, or lead stdout into one")
    sys.stdout.flush()
    try:
        with _room():
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
    except OSError as error:
        if "Broken pipe" in str(error):  # Polars gives it no number
            raise BrokenPipeError from error
        raise


@contextmanager
def _room(place: Path | None = None) -> Iterator[None]:
    """A full disk is told as such, also where Polars takes it for damage of what it writes. `place`: where it does."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        full = os.strerror(errno.ENOSPC)
        if full in str(error) or (place is not None and shutil.disk_usage(place).free < NO_ROOM):
            raise OSError(errno.ENOSPC, full) from error
        raise


@contextmanager
def _named(draft: Path, target: Path) -> Iterator[None]:
    """What goes wrong with the draft is said of the file that was asked for."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is None or Path(error.filename) != draft:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(target)) from error


def _draft(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.part")
