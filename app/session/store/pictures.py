"""Pictures of the screen in the session's folder: `screen-<time>.svg` and the same as text, `screen-<time>.txt`."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from pathlib import Path
from typing import Final

from app.session.shelf.labels import require_writable
from app.session.store.folder import SessionFolder

MOST_A_SECOND: Final = 100


def save_picture(folder: SessionFolder, svg: str, text: str, at: dt.datetime) -> str:
    """Put both down → their name without an ending. Raises ValueError for the copy of a pack, and OSError."""
    require_writable(folder)
    stem = f"screen-{at:%Y%m%d-%H%M%S}"
    for number in range(1, MOST_A_SECOND):
        name = stem if number == 1 else f"{stem}-{number}"
        with contextlib.suppress(FileExistsError):
            _put(folder.path / f"{name}.svg", svg)
            _put(folder.path / f"{name}.txt", text)
            return name
    raise FileExistsError(f"a hundred pictures called {stem} are there already")


def _put(path: Path, text: str) -> None:
    """A new file, or none."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except FileExistsError:
        raise
    except OSError:
        path.unlink(missing_ok=True)
        raise
