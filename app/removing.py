"""`benchtop rm`: says which sessions would go, asks, and removes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.session.plain import plain
from app.session.shelf.labels import require_writable
from app.session.shelf.removal import remove_session
from app.session.store.folder import SessionFolder
from app.session.store.lock import SessionBusy, is_locked
from app.text.numbers import bytes_text

Ask = Callable[[str], str]
"""A question → what is answered."""


def remove_sessions(folders: Sequence[SessionFolder], ask: Ask | None) -> str:
    """Remove them once that is agreed to; without `ask` it is → what became of them, in lines.

    Nothing is removed where one of them still runs. Raises ValueError and OSError.
    """
    sizes = {folder: folder.size_bytes() for folder in dict.fromkeys(folders)}
    for folder in sizes:
        require_writable(folder)
        if is_locked(folder):
            raise SessionBusy(
                f"session {folder.name} is still running: stop it first, with `benchtop attach {folder.name}`"
            )
    told = [f"{plain(folder.name)}  {bytes_text(size)}" for folder, size in sizes.items()]
    if ask is not None:
        what = "this session" if len(told) == 1 else f"these {len(told)} sessions"
        if ask("\n".join((*told, f"remove {what}? [y/N] "))).strip().lower() not in ("y", "yes"):
            return "nothing is removed"
    for folder in sizes:
        remove_session(folder)
    return "\n".join(f"removed {line}" for line in told)
