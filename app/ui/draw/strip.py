"""A strip: repeats as points on a line, with the interval that they come to, all as parts of their mean.

The line goes from −limit to +limit, with the mean in the middle; so variants of any size and unit share one axis, on
which an interval is seen to tighten.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from app.ui.draw.axis import nice_limit
from app.ui.draw.rows import Row, merged

POINT = "•"
MOST = 9
"""Points in one cell that are told by their number."""
ROOM = 1.1
FINEST = 0.0005
"""An axis is not narrower than this: what lies within is the same."""


def limit_of(parts: Iterable[float], until: float | None) -> float:
    """The end of an axis that holds all of them, and what is asked for; a round number."""
    known = [abs(part) for part in parts if math.isfinite(part)]
    return nice_limit(ROOM * max((*known, until or 0.0, FINEST)))


def strip_row(
    points: Sequence[float], interval: tuple[float, float] | None, limit: float, until: float | None, width: int
) -> Row:
    """Exactly `width` cells. `points` and `interval` are parts of the mean, 0 for what is equal to it.

    Several points in one cell are their number; what lies beyond the axis stands at its end.
    """
    cells = [(" ", "")] * width
    if until is not None:
        for end in (-until, until):
            cells[_place(end, limit, width)] = ("┆", "axis")
    cells[_place(0.0, limit, width)] = ("│", "axis")
    if interval is not None:
        first, last = (_place(end, limit, width) for end in interval)
        cells[first : last + 1] = [("─", "throughput")] * (last - first + 1)
        cells[first], cells[last] = ("├", "throughput"), ("┤", "throughput")
        if first == last:
            cells[first] = ("┼", "throughput")
    counts: dict[int, int] = {}
    for point in points:
        if math.isfinite(point):
            place = _place(point, limit, width)
            counts[place] = counts.get(place, 0) + 1
    for place, count in counts.items():
        cells[place] = (POINT if count == 1 else str(min(count, MOST)), "big")
    return merged(cells)


def axis_row(limit: float, width: int) -> Row:
    """`−5 %          mean          +5 %` over the ends and the middle of a strip."""
    end = f"{100 * limit:.3g} %"
    left, middle, right = f"-{end}", "mean", f"+{end}"
    if width < len(left) + len(middle) + len(right) + 4:
        left, middle = "", ""
    before = max(0, _place(0.0, limit, width) - len(middle) // 2 - len(left))
    text = f"{left}{'':<{before}}{middle}"
    return ((f"{text}{right:>{max(0, width - len(text))}}"[:width], "label"),)


def _place(part: float, limit: float, width: int) -> int:
    at = (part / limit + 1) / 2 if math.isfinite(part) else 0.5
    return round(max(0.0, min(1.0, at)) * (width - 1))
