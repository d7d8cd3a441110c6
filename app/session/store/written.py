"""What a session that has no manifest yet has written so far, wherever it is at one instant: in parts, in closed
segments, in the journal.

While it is read the conductor may close a segment, and another process may roll one and remove it. So all files are
opened at one instant at which names did not change; what is open is read to its end, whatever happens to its name.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.session.store.folder import SessionFolder
from app.session.store.journal import OpenFile
from app.session.store.segments import closed_path, closed_segments, rolled_segments

TRIES: Final = 100
"""Names change once in many seconds; the second look finds them at rest."""


@dataclass(frozen=True)
class Segment:
    """One that is in no part."""

    number: int
    """Also that of `journal.frames`: it will be closed under it."""
    source: OpenFile
    closed: bool

    @property
    def size(self) -> int:
        """Bytes of it that are read."""
        return self.source.size or 0


@dataclass(frozen=True)
class Written:
    """What there is, in order."""

    parts: tuple[int, ...]
    """Segments that are in parts."""
    segments: tuple[Segment, ...]
    """Those behind them, which are open as long as the block lasts."""

    @property
    def is_empty(self) -> bool:
        """Whether no journal was ever begun."""
        return not self.parts and not self.segments


@contextlib.contextmanager
def open_written(folder: SessionFolder, first: int = 1) -> Iterator[Written]:
    """Everything from that segment on. Raises OSError."""
    with contextlib.ExitStack() as open_files:
        for _ in range(TRIES):
            written = _opened(folder, first, open_files)
            if written is not None:
                break
            open_files.close()
        else:
            raise OSError(f"session {folder.name} changes too fast to be read")
        yield written


def _opened(folder: SessionFolder, first: int, open_files: contextlib.ExitStack) -> Written | None:
    """None where names changed meanwhile."""
    parts, closed = rolled_segments(folder), closed_segments(folder)
    unrolled = [number for number in closed if number not in parts]
    last = max((*parts, *closed), default=0) + 1
    try:
        files = [(number, _open(closed_path(folder, number), open_files), True) for number in unrolled]
    except FileNotFoundError:
        return None
    with contextlib.suppress(FileNotFoundError):
        files.append((last, _open(folder.journal, open_files), False))
    if (parts, closed) != (rolled_segments(folder), closed_segments(folder)):
        return None
    segments = (
        Segment(number, OpenFile(file, os.fstat(file).st_size), is_closed)
        for number, file, is_closed in files
        if number >= first
    )
    return Written(tuple(number for number in parts if number >= first), tuple(segments))


def _open(path: Path, open_files: contextlib.ExitStack) -> int:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    open_files.callback(os.close, file)
    return file
