"""Which sessions go when room is to be made: by age, by size, by number. Removes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from app.session.shelf.labels import read_tags
from app.session.store.folder import DamagedDocument, SessionFolder, list_sessions
from app.session.store.lock import is_locked

KEPT_TAGS: Final = frozenset({"keep", "protected"})
"""A session with one of these never goes."""

BEGINNING_S: Final = 60.0
"""A session without a manifest whose folder was written so lately may have a conductor on its way."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """A session goes that is too old, or that does not fit behind newer ones. Of the newest `keep`, none goes."""

    older_than_s: float | None = None
    keep_bytes: int | None = None
    """What all sessions together may take; the oldest go."""
    keep: int | None = None
    """Alone, all but so many go."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return self.older_than_s is None and self.keep_bytes is None and self.keep is None


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """A session that there is."""

    name: str
    path: str
    created_ns: int = 0
    """Wall time, nanoseconds since 1970, UTC."""
    size_bytes: int = 0
    stays: str = ""
    """Why it is never removed, in a few words; empty: it may be."""
    unreadable: str = ""
    """Why it cannot be opened: a file of it is damaged. Its age is that of its folder then."""


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What goes, the oldest first, and what would go and does not."""

    removed: tuple[Saved, ...]
    left: tuple[Saved, ...]


def saved_sessions(home: Path, now_ns: int) -> list[Saved]:
    """Every session in the folder of all sessions, the newest first. What is no session is not there, nor is a link."""
    found = [_saved(folder, now_ns) for folder in list_sessions(home) if not folder.path.is_symlink()]
    return sorted(found, key=lambda saved: (saved.created_ns, saved.name), reverse=True)


def pruned(sessions: Sequence[Saved], rules: Rules, now_ns: int) -> Pruned:
    """Which of them go; `sessions` are the newest first. What stays whatever happens takes its room all the same."""
    alone = rules.older_than_s is None and rules.keep_bytes is None
    room = (
        None if rules.keep_bytes is None else rules.keep_bytes - sum(each.size_bytes for each in sessions if each.stays)
    )
    chosen = []
    for place, saved in enumerate(sessions):
        fits = room is None or bool(saved.stays) or saved.size_bytes <= room
        old = rules.older_than_s is not None and now_ns - saved.created_ns > rules.older_than_s * 1e9
        if place >= (rules.keep or 0) and (old or not fits or alone):
            chosen.append(saved)
        if room is not None and not saved.stays:
            room = max(0, room - saved.size_bytes) if fits else 0  # behind one that does not fit, none does
    chosen.reverse()
    return Pruned(
        removed=tuple(saved for saved in chosen if not saved.stays),
        left=tuple(saved for saved in chosen if saved.stays),
    )


def _saved(folder: SessionFolder, now_ns: int) -> Saved:
    size, created, stays, unreadable = folder.size_bytes(), now_ns, "", ""
    try:
        finished = folder.manifest.is_file()
        try:
            created = (folder.read_manifest().plan if finished else folder.read_plan()).created_ns
        except DamagedDocument as error:
            created, unreadable = folder.path.stat().st_mtime_ns, str(error)
        if is_locked(folder):
            stays = "it is running"
        elif KEPT_TAGS & set(read_tags(folder)):
            stays = "it is tagged to be kept"
        elif not finished and now_ns - folder.path.stat().st_mtime_ns < BEGINNING_S * 1e9:
            stays = "it has just begun"
        elif any(path.is_dir() and not path.is_symlink() for path in folder.path.iterdir()):
            stays = "there are folders in it that are not benchtop's"
    except ValueError as error:
        stays = f"it cannot be read: {error}"
    except OSError as error:
        stays = f"it cannot be read: {error.strerror}"
    return Saved(
        name=folder.name, path=str(folder.path), created_ns=created, size_bytes=size, stays=stays, unreadable=unreadable
    )
