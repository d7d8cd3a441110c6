"""Removing a session: the folder gets a hidden name beside the others, and is emptied under that.

A hidden name is no session's. So whoever lists sessions meets it whole or not at all, whenever this ends; what was left
behind under such a name is emptied later. Nothing is followed: a link goes, what it leads to stays.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.session.store.files import sync_names
from app.session.store.folder import SessionFolder
from app.session.store.lock import SessionBusy, hold_lock

HIDDEN: Final = ".removed-"
"""What such a name begins with."""
TRIES: Final = 3


class SessionLookedAt(ValueError):
    """A screen shows this session."""


def remove_session(folder: SessionFolder) -> None:
    """Remove it, whoever calls has asked whether it is one. One that was removed meanwhile is no error.

    Raises what `nobody_at` raises.
    """
    with contextlib.suppress(FileNotFoundError), nobody_at(folder):
        hidden = folder.path.with_name(f"{HIDDEN}{folder.name}")
        _empty(hidden)  # of one who died at a session of the same name
        folder.path.rename(hidden)
        sync_names(hidden.parent)  # else it might be there again after a power cut, with a part of its files
        _empty(hidden)


@contextlib.contextmanager
def nobody_at(folder: SessionFolder) -> Iterator[None]:
    """While the block lasts, nobody writes, finishes or looks at it: its folder may be moved.

    Raises SessionBusy while it runs or is being saved, SessionLookedAt, ValueError for a link, and OSError.
    """
    if folder.path.is_symlink():
        raise ValueError(f"{folder.path} is a link to a folder elsewhere")
    with hold_lock(folder), _alone(folder.path, folder.name):
        with contextlib.suppress(FileNotFoundError), folder.manifest.open("rb") as manifest:
            _require_unseen(manifest.fileno(), folder.name)
        yield


def remove_left_behind(home: Path) -> int:
    """Empty what others left who died at it → how many there were. Who is at it now is left at it."""
    count = 0
    for path in tuple(home.iterdir()) if home.is_dir() else ():
        if path.name.startswith(HIDDEN) and path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError, SessionBusy), _alone(path, path.name):
                _empty(path)
                count += 1
    return count


@contextlib.contextmanager
def looked_at(folder: SessionFolder) -> Iterator[None]:
    """While the block lasts, nobody removes it. Says nothing of a session without a manifest."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            manifest = held.enter_context(folder.manifest.open("rb"))
            fcntl.flock(manifest, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield


def _require_unseen(manifest: int, name: str) -> None:
    try:
        fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SessionLookedAt(f"session {name} is open on a screen") from None


@contextlib.contextmanager
def _alone(path: Path, name: str) -> Iterator[None]:
    """As `lock.alone_at_tables`, without waiting: who makes tables is not to be waited for."""
    place = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SessionBusy(f"session {name} is just being saved") from None
        yield
    finally:
        os.close(place)


def _empty(path: Path) -> None:
    """Others may still put a file into it, or take one away, that they began before it was hidden."""
    for _ in range(TRIES):
        if not path.is_dir():
            return
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(path)
