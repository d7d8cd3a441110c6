"""The pieces of a long session, and what their names say.

The conductor writes `journal.frames`. When that has reached SEGMENT_BYTES it becomes `journal-00001.frames`, a closed
segment, and a new `journal.frames` is begun. A process of its own rolls closed segments, in their order. It makes of
each a part of every table that it has rows for (`steps-00001.parquet` …) and of its other frames `facts-00001.frames`,
with the same framing; last of all it writes `part-00001.json`, which says what else the segment held (see `part`). Then
it removes the segment. Sums of the part (`rollups-00001.parquet`) are made with it; nothing rests on them, and they go
when the session is finished. What is left at the end is in `steps.parquet` and so on, and in `facts.frames`; a session
that never rolled has only those.

The name `part-00001.json` is what decides, as long as there is no manifest. Where it is there, the first segment is in
its parts, whole, and a `journal-00001.frames` beside it was only not removed yet. Where it is not, parts of that number
are what a process left that died at it, and the segment is made into parts anew. So nothing is lost and nothing counted
twice, whenever anything ends. Parts are never changed while a session goes on.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Final

from app.session.store.folder import TABLES, SessionFolder

SEGMENT_BYTES: Final = 64 << 20
"""A journal is closed when it has reached this. A segment becomes parts in about a second."""

_CLOSED: Final = re.compile(r"journal-(\d{5,9})\.frames")
_ROLLED: Final = re.compile(r"part-(\d{5,9})\.json")
_TABLE_PARTS: Final = re.compile(rf"(?:{'|'.join(TABLES)})-(\d{{5,9}})\.parquet")


def closed_path(folder: SessionFolder, number: int) -> Path:
    """A closed segment of the journal; they count from 1."""
    return folder.path / f"journal-{number:05}.frames"


def marker_path(folder: SessionFolder, number: int) -> Path:
    """What says that a segment is in parts, and what it held besides."""
    return folder.path / f"part-{number:05}.json"


def facts_path(folder: SessionFolder, number: int | None = None) -> Path:
    """The frames of a segment that no table holds; None: those of what was left at the end."""
    return folder.path / ("facts.frames" if number is None else f"facts-{number:05}.frames")


def part_path(folder: SessionFolder, table: str, number: int) -> Path:
    """A part of one of TABLES; it is there only if the segment had rows for it."""
    assert table in TABLES
    return folder.path / f"{table}-{number:05}.parquet"


def closed_segments(folder: SessionFolder) -> tuple[int, ...]:
    """The numbers of closed segments that are there, in order; some of them may be in parts already."""
    return _numbers(folder, _CLOSED)


def rolled_segments(folder: SessionFolder) -> tuple[int, ...]:
    """The numbers of segments that are in parts, in order, of a session without a manifest."""
    return _numbers(folder, _ROLLED)


def parts_of_tables(folder: SessionFolder) -> tuple[int, ...]:
    """The numbers of which any table has a part, in order: all of them count in a session with a manifest."""
    return _numbers(folder, _TABLE_PARTS)


def part_counts(folder: SessionFolder) -> dict[str, int]:
    """How many parts there are of each table that has any."""
    names = (_TABLE_PARTS.fullmatch(entry.name) for entry in os.scandir(folder.path))
    return dict(sorted(Counter(found[0].partition("-")[0] for found in names if found).items()))


def _numbers(folder: SessionFolder, pattern: re.Pattern[str]) -> tuple[int, ...]:
    names = (pattern.fullmatch(entry.name) for entry in os.scandir(folder.path))
    return tuple(sorted({int(found[1]) for found in names if found}))
