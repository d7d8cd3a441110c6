"""The compare screen to a size: five panels together where there is room, else one of them under a row of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from app.session.plain import plain
from app.session.results.comparison import Comparison, Pair
from app.ui.draw.box import box, inner_width
from app.ui.draw.compare.differences import difference_rows
from app.ui.draw.compare.distribution import distribution_rows
from app.ui.draw.compare.gauges import gauge_rows
from app.ui.draw.compare.phases import phase_rows
from app.ui.draw.compare.verdicts import verdict_rows
from app.ui.draw.rows import Row, clipped, merged, text_row

Panel = Literal["verdicts", "differences", "distribution", "phases", "gauges"]
PANELS: Final[tuple[Panel, ...]] = ("verdicts", "differences", "distribution", "phases", "gauges")
TITLES: Final[dict[Panel, str]] = {
    "verdicts": "Verdicts",
    "differences": "Differences",
    "distribution": "Distributions",
    "phases": "Mean step",
    "gauges": "Gauges",
}
ROOMY: Final = (110, 30)
"""Columns and rows from which on all panels stand together."""
HEAD: Final = 2
"""Rows over the panels."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has chosen to see."""

    pair: int = 0
    panel: Panel = "verdicts"
    alone: bool = False
    """The panel has the whole screen, though there is room for all."""
    first: int = 0
    """Row with which the panel begins that has the focus."""
    gauge: int = 0
    by_step: bool = False


def draw_comparison(comparison: Comparison, look: Look, width: int, height: int) -> tuple[Row, ...]:
    """Exactly `height` rows of `width` cells."""
    head = [_sides(comparison, width), _pair(comparison, look, width)]
    rows = max(0, height - HEAD)
    if look.alone or width < ROOMY[0] or height < ROOMY[1]:
        names = [_names(look, width)]
        body = _panel(look.panel, comparison, look, width, rows - 1)
        return tuple((*head, *names, *body)[:height])
    return tuple((*head, *_together(comparison, look, width, rows))[:height])


def pair_of(comparison: Comparison, look: Look) -> Pair:
    """The one that is looked at."""
    return comparison.pairs[look.pair % len(comparison.pairs)]


def _together(comparison: Comparison, look: Look, width: int, height: int) -> list[Row]:
    """Verdicts over distributions on the left; differences, the mean step and gauges on the right."""
    pair = pair_of(comparison, look)
    left = width * 4 // 7
    right = width - left
    upper = min(len(pair.metrics) + 5, height // 2 + 2)
    differing = min(len(difference_rows(pair, inner_width(right))) + 2, height // 3)
    phases = min(2 * len(pair.parts) + 2, height // 3) if pair.parts else 0
    first: list[tuple[Panel, int]] = [("verdicts", upper), ("distribution", height - upper)]
    second: list[tuple[Panel, int]] = [("differences", differing), ("phases", phases)]
    second.append(("gauges", height - differing - phases))
    columns = [
        [row for panel, rows in panels if rows for row in _panel(panel, comparison, look, across, rows)]
        for panels, across in ((first, left), (second, right))
    ]
    return [merged((*one, *two)) for one, two in zip(*columns, strict=True)]


def _panel(panel: Panel, comparison: Comparison, look: Look, width: int, height: int) -> tuple[Row, ...]:
    inner, room = inner_width(width), max(0, height - 2)
    focused = panel == look.panel
    rows = _rows(panel, comparison, look, inner, room)
    first = min(look.first, max(0, len(rows) - room)) if focused and panel != "gauges" else 0
    left = len(rows) - first - room
    note = f"{left} more ↓" if left > 0 else ""
    return box([clipped(row, inner) for row in rows[first:]], TITLES[panel], note, width, height, focused=focused)


def _rows(panel: Panel, comparison: Comparison, look: Look, width: int, height: int) -> Sequence[Row]:
    pair = pair_of(comparison, look)
    match panel:
        case "verdicts":
            return verdict_rows(pair, comparison.within, width)
        case "differences":
            return difference_rows(pair, width)
        case "distribution":
            return distribution_rows(pair, width, height)
        case "phases":
            return phase_rows(pair, width)
        case "gauges":
            return gauge_rows(pair, look.gauge, width, height, by_step=look.by_step)


def _sides(comparison: Comparison, width: int) -> Row:
    pieces: list[tuple[str, str]] = [("benchtop compare", "program")]
    for side in comparison.sides:
        variant = f"#{side.variant}" if side.variant else ""
        pieces += [(f"  {side.label} ", "title"), (f"{plain(side.session)}{variant}", "value")]
    return clipped(tuple(pieces), width)


def _pair(comparison: Comparison, look: Look, width: int) -> Row:
    """Which pair, how many there are, and whether it may be compared at all."""
    pair = pair_of(comparison, look)
    several = len(comparison.pairs)
    place = f" {look.pair % several + 1}/{several} " if several > 1 else ""
    words = f"{pair.other_label} {plain(pair.other_title)} against {pair.base_label} {plain(pair.base_title)}"
    runs = f"  {pair.other_runs} against {pair.base_runs} runs"
    pieces: list[tuple[str, str]] = [(place, "mark"), (" " if place else "", ""), (words, "title"), (runs, "label")]
    if pair.blocking:
        pieces.append((f"  NOT COMPARABLE: {', '.join(each.name for each in pair.blocking)}", "failure"))
    elif not pair.differences:
        pieces.append(("  nothing that is known differs", "good"))
    return clipped(tuple(piece for piece in pieces if piece[0]), width)


def _names(look: Look, width: int) -> Row:
    pieces: list[tuple[str, str]] = []
    for panel in PANELS:
        pieces += [(f" {TITLES[panel]} ", "mark" if panel == look.panel else "label"), (" ", "")]
    return clipped(tuple(pieces), width) if pieces else text_row("")
