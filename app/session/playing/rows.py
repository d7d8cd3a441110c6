"""The rows of a frame of samples: when they ended, and the frame in two at an instant.

So an instant between two samples of one frame can be shown as it was. A frame whose columns do not fit together stays
whole: what becomes of it is decided where it is taken in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import TypeVar

from msgspec.structs import replace

from workloads.wire.columns import length, unpack_integers
from workloads.wire.frames import Requests, Steps
from workloads.wire.items import ITEM_COLUMNS

Rows = TypeVar("Rows", bound=Steps | Requests)


def last_end_ns(frame: Steps | Requests) -> int | None:
    """When the last one ended; None where there is none, or the columns are not sound."""
    try:
        if isinstance(frame, Requests):
            return _last(frame.done_ns)
        start, wall = _last(frame.start_ns), _last(frame.wall_ns)
    except ValueError:
        return None
    return None if start is None or wall is None else start + wall


def cut(frame: Rows, at_ns: int) -> tuple[Rows | None, Rows | None]:
    """What had ended by an instant, and what had not; None for neither."""
    try:
        count, end_of = _ends(frame)
        place = bisect_right(range(count), at_ns, key=end_of)
        if place <= 0:
            return None, frame
        if place >= count:
            return frame, None
        return _rows(frame, 0, place), _rows(frame, place, count)
    except (ValueError, OverflowError):
        return frame, None


def end_after(frame: Steps | Requests, at_ns: int) -> int | None:
    """The first end of a sample after an instant, of those of the frame; None: there is none."""
    try:
        count, end_of = _ends(frame)
        place = bisect_right(range(count), at_ns, key=end_of)
        return end_of(place) if place < count else None
    except ValueError:
        return None


def end_before(frame: Steps | Requests, at_ns: int) -> int | None:
    """The last end of a sample before an instant."""
    try:
        count, end_of = _ends(frame)
        place = bisect_left(range(count), at_ns, key=end_of)
        return end_of(place - 1) if place else None
    except ValueError:
        return None


def _ends(frame: Steps | Requests) -> tuple[int, Callable[[int], int]]:
    """How many samples it has, and when each ended; they are nearly in that order. Raises ValueError."""
    if isinstance(frame, Requests):
        dones = unpack_integers(frame.done_ns)
        return len(dones), dones.__getitem__
    starts, walls = unpack_integers(frame.start_ns), unpack_integers(frame.wall_ns)
    if len(starts) != len(walls):
        raise ValueError("columns of different length")
    return len(starts), lambda place: starts[place] + walls[place]


def _rows(frame: Rows, first: int, after: int) -> Rows:
    names = ITEM_COLUMNS[Steps if isinstance(frame, Steps) else Requests]
    columns = {name: _cut(column, first, after) for name in names if (column := getattr(frame, name)) is not None}
    if isinstance(frame, Requests) and frame.itl_ns is not None:
        if frame.tokens is None:
            raise ValueError("gaps without tokens")
        gaps = [0, *accumulate(max(0, tokens - 1) for tokens in unpack_integers(frame.tokens))]
        if gaps[-1] != length(frame.itl_ns):
            raise ValueError("gaps that belong to no request")
        columns["itl_ns"] = _cut(frame.itl_ns, gaps[first], gaps[after])
    return replace(frame, **columns)


def _cut(column: bytes, first: int, after: int) -> bytes:
    count = length(column)
    if after > count:
        raise ValueError("a column that is shorter than the others")
    size = (len(column) - 1) // count if count else 0
    return column[:1] + column[1 + first * size : 1 + after * size]


def _last(column: bytes) -> int | None:
    count = length(column)
    return unpack_integers(_cut(column, count - 1, count))[0] if count else None
