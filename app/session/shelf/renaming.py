"""Giving a session another name: its folder's, behind the time. What it was planned as stays in its plan."""

from __future__ import annotations

import re

from app.session.shelf.labels import require_writable
from app.session.shelf.removal import nobody_at
from app.session.store.files import sync_names
from app.session.store.folder import SessionFolder, slug

WHEN = re.compile(r"\d{8}-\d{6}-")
"""What a session's name begins with."""


def title_of(name: str) -> str:
    """A session's name without its time: by this it is called."""
    return WHEN.sub("", name, count=1) or name


def renamed(name: str, title: str) -> str:
    """`20261125-233312-probe-copy` called `Idle box` → `20261125-233312-idle-box`. Raises ValueError."""
    when = WHEN.match(name)
    if not re.search(r"[A-Za-z0-9]", title):
        raise ValueError(f"{title!r} can be no name: it has neither a letter nor a digit")
    return f"{when.group() if when else ''}{slug(title)}"


def rename_session(folder: SessionFolder, title: str) -> SessionFolder:
    """Call it so → its folder under the new name.

    Raises ValueError where the name is taken or can be none, SessionBusy and SessionLookedAt as a removal does, and
    OSError.
    """
    require_writable(folder)
    target = folder.path.with_name(renamed(folder.name, title))
    if target == folder.path:
        return folder
    with nobody_at(folder):
        if target.exists() or target.is_symlink():
            raise ValueError(f"there is a session {target.name} already")
        folder.path.rename(target)
    sync_names(target.parent)
    return SessionFolder(target)
