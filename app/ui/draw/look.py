"""How one looks at the charts: live, frozen at a stretch of time, or all of the session; how wide, with which cursor.

Pure: keys give another look, and charts are drawn for a look. Times are the host's monotonic clock.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec.structs import replace

from app.session.live.buckets import BUCKET_NS
from app.ui.draw.ticks import Axis

FINEST, COARSEST = -4, 12
"""Powers of two: from sixteen columns a second to an hour a column and more."""

State = Literal["live", "frozen", "all"]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Of all charts at once."""

    state: State = "live"
    end_ns: int | None = None
    """At the right edge; None: the newest."""
    zoom: int = 0
    """A column is 2 ** zoom seconds wide."""
    cursor_ns: int | None = None
    window: tuple[int, int] | None = None
    """A stretch that is marked: what a verdict rests on."""

    @property
    def column_ns(self) -> int:
        """How much time a column shows."""
        return BUCKET_NS << self.zoom if self.zoom >= 0 else BUCKET_NS >> -self.zoom

    def right_ns(self, now_ns: int) -> int:
        """At the right edge, wherever that is."""
        return now_ns if self.end_ns is None else self.end_ns

    def start_ns(self, now_ns: int, columns: int) -> int:
        """At the left edge of so many columns."""
        return self.right_ns(now_ns) - columns * self.column_ns


LIVE = Look()


def frozen_at(now_ns: int) -> Look:
    """The picture as it is, held."""
    return Look(state="frozen", end_ns=now_ns)


def held_at(look: Look, now_ns: int) -> Look:
    """As wide as it is, up to another instant of a session that is played."""
    return replace(look, end_ns=now_ns, cursor_ns=None, window=None)


def on_window(from_ns: int, to_ns: int, now_ns: int, columns: int) -> Look:
    """A stretch of time, marked, in so many columns of a second or more; in the middle, where time went on so far."""
    zoom = _holding((to_ns - from_ns) * 3, columns)
    room_ns = max(0, columns * (BUCKET_NS << zoom) - (to_ns - from_ns)) // 2
    return Look(state="frozen", end_ns=max(to_ns, min(now_ns, to_ns + room_ns)), zoom=zoom, window=(from_ns, to_ns))


def on_all(from_ns: int, to_ns: int, columns: int) -> Look:
    """As much as there is, in so many columns."""
    return Look(state="all", zoom=_holding(to_ns - from_ns, columns))


def zoomed(look: Look, by: int, now_ns: int, columns: int) -> Look:
    """Wider or narrower columns. What is under the cursor, else in the middle, stays where it is."""
    zoom = max(FINEST, min(COARSEST, look.zoom + by))
    if zoom == look.zoom:
        return look
    end_ns = look.right_ns(now_ns)
    span_ns = columns * look.column_ns
    held_ns = look.cursor_ns if look.cursor_ns is not None else end_ns - span_ns // 2
    part = (end_ns - held_ns) / span_ns
    wider = replace(look, zoom=zoom, state="frozen")
    return replace(wider, end_ns=held_ns + round(part * columns * wider.column_ns))


def panned(look: Look, by: int, now_ns: int, columns: int) -> Look:
    """A quarter of the picture further; never behind the newest."""
    return _moved(look, by * columns // 4, now_ns)


def dragged(look: Look, cells: int, now_ns: int) -> Look:
    """The picture as it was, pulled so many cells to the right: what was earlier comes in."""
    return _moved(look, -2 * cells, now_ns)


def _moved(look: Look, columns: int, now_ns: int) -> Look:
    """So many columns later; the cursor goes along."""
    end_ns = min(look.right_ns(now_ns) + columns * look.column_ns, max(now_ns, look.end_ns or 0))
    cursor_ns = None if look.cursor_ns is None else look.cursor_ns + columns * look.column_ns
    return replace(look, end_ns=end_ns, cursor_ns=cursor_ns, state="frozen")


def with_cursor(look: Look, by: int, now_ns: int, columns: int) -> Look:
    """The cursor a cell further; it comes in at the window, else in the middle, and stays within the picture."""
    end_ns = look.right_ns(now_ns)
    if look.cursor_ns is None:
        cursor_ns = look.window[0] if look.window is not None else end_ns - columns * look.column_ns // 2
    else:
        cursor_ns = look.cursor_ns + by * 2 * look.column_ns
    first_ns = end_ns - (columns - 2) * look.column_ns
    return replace(look, end_ns=end_ns, cursor_ns=max(first_ns, min(cursor_ns, end_ns)), state="frozen")


def pointed(look: Look, cell: int, now_ns: int, columns: int) -> Look:
    """The cursor in a cell of the chart, counted from its left."""
    end_ns = look.right_ns(now_ns)
    axis = Axis(look.column_ns, end_ns // look.column_ns, columns // 2)
    return replace(look, end_ns=end_ns, cursor_ns=axis.start_ns(cell), state="frozen")


def _holding(span_ns: int, columns: int) -> int:
    """The zoom of the narrowest columns of a second or more of which so many hold the span."""
    return next((zoom for zoom in range(COARSEST) if span_ns <= columns * (BUCKET_NS << zoom)), COARSEST)
