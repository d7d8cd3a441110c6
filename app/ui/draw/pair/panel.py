"""One panel of two sessions: a table of both and of the second relative to the first, over their courses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace
from rich.cells import cell_len

from app.ui.draw.axis import next_limit
from app.ui.draw.box import box, inner_width
from app.ui.draw.chart import Chart, Layer, draw_chart, plot_width
from app.ui.draw.columns import columns
from app.ui.draw.labels import DASH, shown
from app.ui.draw.pair.figures import BRIEF, Figure, Sheet
from app.ui.draw.rows import Row, clipped, merged

FIRST, SECOND = "device", "device-second"
"""Styles of the sessions. In the chart the first is an area and the second a line, which needs no colour."""
CHANGE: Final = 8
"""Cells of what the second is relative to the first."""
SHORTEST_CHART: Final = 3
FEWEST_ROWS: Final = 5
"""Figures that come before a chart."""
NOTABLE: Final = 0.01
"""Part from which on a difference is called better or worse."""


def draw_sheet(sheet: Sheet, width: int, height: int, *, focused: bool = False) -> tuple[Row, ...]:
    """Exactly `height` rows of `width` cells."""
    inner, room = inner_width(width), max(0, height - 2)
    figures = sheet.figures
    rows = min(len(figures), room - 1)
    spare = room - 1 - rows
    if spare < SHORTEST_CHART:
        least = min(len(figures), FEWEST_ROWS)
        rows = least if room - 1 - least >= SHORTEST_CHART else rows
        spare = room - 1 - rows
    left = len(figures) - rows
    body = [_head(inner), *(figure_row(figure, inner) for figure in figures[:rows])]
    if spare >= SHORTEST_CHART:
        body += draw_courses(sheet, inner, spare)
    note = f"{left} more, enter shows them" if left > 0 else ""
    return box(body[:room], sheet.title, note, width, height, focused=focused)


def figure_row(figure: Figure, width: int) -> Row:
    """`p95          12.3 ms   14.1 ms   +14.6 %`."""
    label, each = _widths(width)
    words, style = change(figure)
    name = figure.label if cell_len(figure.label) <= label else BRIEF.get(figure.label, figure.label)
    cells = list(clipped(((name, "label"),), label))
    cells += [(f"{_number(figure, value, each - 1):>{each}}", "value") for value in (figure.first, figure.second)]
    cells.append((f" {words:>{CHANGE}}", style))
    return clipped(merged(cells), width)


def _number(figure: Figure, value: float | None, room: int) -> str:
    """As long as there is room for: with its unit, else without it."""
    text = shown(value, figure.text)
    if value is None or len(text) <= room:
        return text
    return figure.brief(value) if figure.brief is not None else text.partition(" ")[0]


def change(figure: Figure) -> tuple[str, str]:
    """The second relative to the first, and how that is to be looked at; a dash where one of them is not known."""
    first, second = figure.first, figure.second
    if first is None or second is None or not figure.comparable:
        return DASH, "label"
    if figure.points and abs(second - first) >= 0.05:
        return f"{second - first:+.1f} pt", "value"
    if figure.points or first == second:
        return "=", "label"
    if not first:
        return DASH, "label"
    part = second / first - 1
    words = f"{second / first:,.1f}×" if part >= 9.995 else f"{100 * part:+.1f} %"
    if not figure.good or abs(part) < NOTABLE:
        return words, "value"
    return words, "good" if (part > 0) == (figure.good == "more") else "warning"


def draw_courses(sheet: Sheet, width: int, height: int) -> Sequence[Row]:
    """Both courses over one axis, each up to its own present instant."""
    first, second = sheet.courses
    if first is not None and second is not None:
        second = replace(second, last=first.last)
    cells = plot_width(width)
    last = next((each.last for each in (first, second) if each is not None), None)
    layers = (
        Layer(columns(first, cells, last), FIRST, "area"),
        Layer(columns(second, cells, last), SECOND, "line"),
    )
    top = sheet.top or next_limit(None, (value for layer in layers for value in layer.values))
    return draw_chart(Chart(layers=layers, top=top, text=sheet.axis, empty="nothing measured yet"), width, height)


def _head(width: int) -> Row:
    label, each = _widths(width)
    return clipped(
        merged(
            (
                (" " * label, ""),
                (f"{'█ A':>{each}}", FIRST),
                (f"{'─ B':>{each}}", SECOND),
                (f" {'B to A':>{CHANGE}}", "label"),
            )
        ),
        width,
    )


def _widths(width: int) -> tuple[int, int]:
    """Of a label, and of a number."""
    room = width - CHANGE - 1
    each = max(9, min(14, room // 3))
    return max(1, room - 2 * each), each
