"""Bars within a line: one cell a processor, and shares beside their names. Eighths of a cell are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from app.ui.draw.labels import whole_percent
from app.ui.draw.rows import Row, merged, row_width

_UP = "▁▂▃▄▅▆▇█"
_ACROSS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
SHORTEST, LONGEST = 4, 24
"""Cells that all bars together take: fewer say nothing, more say nothing new."""


def level(percent: float) -> str:
    """0 to 100 → one of eight heights."""
    return _UP[min(7, max(0, int(percent * 8 / 100)))]


def levels(percents: Sequence[float], width: int) -> str:
    """One cell each; when there are more than `width`, each cell is the busiest of its neighbours."""
    if width <= 0 or not percents:
        return ""
    cells = min(width, len(percents))
    edges = [at * len(percents) // cells for at in range(cells + 1)]
    return "".join(level(max(percents[a:b])) for a, b in pairwise(edges))


def bar(share: float, width: float) -> str:
    """A share of `width` cells, in eighths; at least an eighth for what is not nothing."""
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    return "█" * (eighths // 8) + _ACROSS[eighths % 8]


def share_bars(parts: Sequence[tuple[str, float, str]], width: int) -> Row:
    """`wait ▏ fwd ████ bwd ███████`, with each part's percent where there is room; at most `width` cells.

    `parts` are (name, amount, style). Where there is no room for bars the largest parts keep their percent.
    """
    total = sum(amount for _, amount, _ in parts)
    if total <= 0:
        return ()
    shares = [(name, amount / total, style) for name, amount, style in parts]
    with_percent = [(f"{name} {whole_percent(100 * share)}", share, style) for name, share, style in shares]
    for labelled, gap in ((with_percent, 2), (shares, 1)):
        names = sum(len(name) + 1 for name, _, _ in labelled) + gap * (len(parts) - 1)
        room = min(LONGEST, width - names - len(parts))
        if room >= SHORTEST:
            return _bars(labelled, gap, room)
    return _without_bars(with_percent, width)


def _bars(parts: Sequence[tuple[str, float, str]], gap: int, room: int) -> Row:
    pieces: list[tuple[str, str]] = []
    for name, share, style in parts:
        pieces += [(" " * gap if pieces else "", ""), (f"{name} ", "label"), (bar(share, room), style)]
    return merged(pieces)


def _without_bars(parts: Sequence[tuple[str, float, str]], width: int) -> Row:
    pieces: list[tuple[str, str]] = []
    for name, _, _ in sorted(parts, key=lambda part: -part[1]):
        more = [*pieces, ("  " if pieces else "", ""), (name, "label")]
        if row_width(tuple(more)) > width:
            break
        pieces = more
    return merged(pieces)
