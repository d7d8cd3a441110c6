"""The session's lock: who holds it is the one process that may write the session.

The conductor holds it for its life; so does a process that finishes an interrupted session. The
kernel lets go of it when the holder ends, however it ends, so it can never be stale.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from app.session.store.folder import SessionFolder
from app.session.store.whereabouts import LOCK, is_held

BEGINNING_S = 60.0
"""A session of which there is nothing but its plan may have a conductor on its way for so long."""

BEFORE_ALL = frozenset({"plan.json", "conductor.log"})
"""The names in a folder before a conductor holds its lock."""

TRIES = 5
PAUSE_S = 0.02
"""Who only asks whether the lock is held, holds a shared one for an instant; that must not look like a writer."""


class SessionBusy(ValueError):
    """Another process writes this session."""


def lock_path(folder: SessionFolder) -> Path:
    """The file that the lock is on; it stays when the lock is gone."""
    return folder.path / LOCK


@contextlib.contextmanager
def hold_lock(folder: SessionFolder) -> Iterator[None]:
    """Be the one that writes, while the block lasts. Raises SessionBusy, or OSError for a folder that takes no file."""
    # Not inherited: a child that outlives the holder must not keep the lock.
    file = os.open(lock_path(folder), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for _ in range(TRIES):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(PAUSE_S)
        else:
            raise SessionBusy(f"session {folder.name} is still running: `benchtop attach {folder.name}`")
        yield
    finally:
        os.close(file)


@contextlib.contextmanager
def alone_at_tables(folder: SessionFolder) -> Iterator[None]:
    """Wait for any other that makes tables of the same session, and be the only one while the block lasts.

    The session's lock is not enough: it is the conductor's, and goes with it, while a process that it started may well
    live on for a moment.
    """
    place = os.open(folder.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def is_locked(folder: SessionFolder) -> bool:
    """Whether some process holds the lock, which means: the session goes on, or is just being saved."""
    return is_held(str(lock_path(folder)))


def has_just_begun(folder: SessionFolder) -> bool:
    """Whether its conductor may still be on its way: who takes the session for one that was left would take its place.

    Says nothing of a session whose lock is held.
    """
    with contextlib.suppress(OSError):
        only_planned = BEFORE_ALL.issuperset([path.name for path in folder.path.iterdir()])
        return only_planned and time.time() - folder.plan.stat().st_mtime < BEGINNING_S
    return False
