"""Time columns: which numbers stand where in a chart, fixed to absolute time.

A cell holds two braille columns, a column holds one bucket of the series, and the left column of a cell
is always an even bucket: so a picture moves by whole cells only, once every two buckets, and between
moves nothing but its last cell changes. Until the right column of the last cell has come, it is drawn like
the left one: a filled row is then the same before, meanwhile and after, and is not sent again.
"""

from __future__ import annotations

from app.session.live.view import Series

Columns = tuple[float | None, ...]
"""Two numbers a cell, oldest first; None where nothing was measured."""


GAP = 2
"""Cells that are blank between the newest and the oldest column of a sweep."""


def columns(series: Series | None, width: int, last: int | None = None, *, sweep: bool = False) -> Columns:
    """The newest 2 × `width` columns, ending with the cell of bucket `last` (the series' own last when None).

    `sweep`: every bucket has its own place for good, and newer ones write over older ones behind a gap.
    """
    if series is None:
        return (None,) * (2 * width)
    newest = series.last if last is None else last
    if sweep:
        return _swept(series, width, newest)
    first = 2 * (newest // 2 - width + 1)
    start = first - (series.last - len(series.values) + 1)
    values = series.values
    taken = [values[at] if 0 <= at < len(values) else None for at in range(start, start + 2 * width)]
    if newest % 2 == 0 and taken:
        taken[-1] = taken[-2]
    return tuple(taken)


def _swept(series: Series, width: int, newest: int) -> Columns:
    """As on an oscilloscope: nothing moves, so that a column costs a cell and not a picture."""
    places: list[float | None] = [None] * (2 * width)
    oldest = 2 * (newest // 2 - width + 1 + min(GAP, width // 2))
    first = series.last - len(series.values) + 1
    for bucket in range(max(oldest, first), min(newest, series.last) + 1):
        places[bucket % (2 * width)] = series.values[bucket - first]
    if newest % 2 == 0 and width:
        places[(newest + 1) % (2 * width)] = places[newest % (2 * width)]
    return tuple(places)


def scaled(series: Series | None, factor: float | None) -> Series | None:
    """A series in another unit; None when either is not known."""
    if series is None or factor is None:
        return None
    values = tuple(None if value is None else value * factor for value in series.values)
    return Series(series.bucket_ns, series.last, values)
