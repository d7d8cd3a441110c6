"""A chart: braille over a y axis, from columns of numbers to rows of cells of exactly the asked size.

Where two layers meet in a cell, the later one has the cell to itself: a line over a filled area then
shows as a thin line in a gap, with or without colour. Nothing here knows what the numbers mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec
from msgspec.structs import replace

from app.ui.draw.braille import Span, braille_rows
from app.ui.draw.columns import Columns
from app.ui.draw.rows import Row, merged
from app.ui.draw.ticks import Tick, axis_row

LIMIT_CHARACTER = "┄"
CURSOR_CHARACTER = "│"
FEWEST_WITH_AXIS = 3
"""Rows below which a chart has no time axis."""
LABEL_WIDTH = 5
NARROWEST_WITH_LABELS = 24
"""Cells below which a chart has no axis labels."""


class Layer(msgspec.Struct, frozen=True):
    """One picture in a chart. An area stands on the axis; a band lies between `values` and `upper`."""

    values: Columns
    style: str
    shape: Literal["area", "line", "band"] = "area"
    upper: Columns = ()


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be drawn, in the unit of its axis."""

    layers: tuple[Layer, ...]
    top: float
    """The number at the upper edge; the lower edge is 0."""
    limit: float | None = None
    """A line across, when it lies within the axis."""
    text: Callable[[float], str]
    """A number as an axis label."""
    empty: str = ""
    """What is said when there is nothing to draw."""
    ticks: tuple[Tick, ...] = ()
    """What stands on the time axis, which has a row of its own then."""
    ends: tuple[str, str] = ("", "")
    """The times of both edges; empty: the axis does not tell them."""


def plot_width(width: int) -> int:
    """Cells that are left for the picture; the rest, where there is room for any, are axis labels."""
    return width - LABEL_WIDTH - 1 if width >= NARROWEST_WITH_LABELS else width


@lru_cache(32)
def draw_chart(chart: Chart, width: int, height: int) -> tuple[Row, ...]:
    """`height` rows of exactly `width` cells. Layers are `plot_width` × 2 columns wide.

    Kept: a chart is looked at oftener than its numbers change.
    """
    plot = plot_width(width)
    if (chart.ticks or any(chart.ends)) and height >= FEWEST_WITH_AXIS:
        bare = replace(chart, ticks=(), ends=("", ""))
        label = " " * (width - plot)
        marked = (_marked(row, chart.ticks, width - plot) for row in draw_chart(bare, width, height - 1))
        return (*marked, merged(((label, ""), *axis_row(chart.ticks, plot, chart.ends))))
    if all(value is None for layer in chart.layers for value in layer.values):
        return _empty(chart.empty, width, height)
    pictures = [(braille_rows(_spans(layer, chart.top, height), height), layer.style) for layer in chart.layers]
    limit_row, words = _limit_row(chart, height), _labels(chart, height)
    rows = []
    for y in range(height):
        limit = y == limit_row
        label = f"{words.get(y, '')[:LABEL_WIDTH]:>{LABEL_WIDTH}} " if plot < width else ""
        body = _pieces([(picture[y], style) for picture, style in pictures], plot, limit=limit)
        rows.append(merged(((label, "limit" if limit else "axis"), *body)))
    return tuple(rows)


def _marked(row: Row, ticks: Sequence[Tick], left: int) -> Row:
    """One row with its disturbed cells quiet, and with the cursor in it; `left` cells are axis labels."""
    disturbed = [tick for tick in ticks if tick.disturbed]
    cursors = [tick.first for tick in ticks if tick.cursor]
    if not disturbed and not cursors:
        return row
    cells = [(character, style) for text, style in row for character in text]
    for tick in disturbed:
        for x in range(left + tick.first, left + tick.last + 1):
            cells[x] = (cells[x][0], "disturbed")
    for cursor in cursors:
        character = cells[left + cursor][0]
        cells[left + cursor] = (CURSOR_CHARACTER if character in (" ", LIMIT_CHARACTER) else character, "cursor")
    return merged(cells)


def _pieces(layers: Sequence[tuple[str, str]], width: int, *, limit: bool) -> list[tuple[str, str]]:
    """One row of the picture: in each cell the last layer that has a dot there."""
    drawn = [(text, style) for text, style in layers if not text.isspace()]
    if limit:
        drawn.insert(0, (LIMIT_CHARACTER * width, "limit"))
    if len(drawn) <= 1:
        return drawn or [(" " * width, "")]
    return [
        next(((text[x], style) for text, style in reversed(drawn) if text[x] != " "), (" ", "")) for x in range(width)
    ]


def _spans(layer: Layer, top: float, height: int) -> list[Span]:
    """The lit dots of every column."""
    highest = 4 * height - 1
    upper = layer.upper or layer.values
    dots = [_dot(value, top, highest) for value in layer.values]
    if layer.shape == "line":
        return line_spans(dots)
    spans: list[Span] = []
    for low, high in zip(dots, (_dot(value, top, highest) for value in upper), strict=True):
        if low is None or high is None:
            spans.append(None)
        else:
            spans.append((0 if layer.shape == "area" else low, max(low, high)))
    return spans


def line_spans(dots: Sequence[int | None]) -> list[Span]:
    """Each column reaches to the one before it, so that a steep line has no holes."""
    spans: list[Span] = []
    before: int | None = None
    for dot in dots:
        if dot is None:
            spans.append(None)
        elif before is None or abs(dot - before) <= 1:
            spans.append((dot, dot))
        else:
            spans.append((before + 1, dot) if dot > before else (dot, before - 1))
        before = dot
    return spans


def _dot(value: float | None, top: float, highest: int) -> int | None:
    """A number's dot from the bottom. A measured 0 still has one, which tells it from a gap."""
    if value is None:
        return None
    return min(highest, max(0, round(value / top * (highest + 1)) - 1))


def _limit_row(chart: Chart, height: int) -> int | None:
    if chart.limit is None or not 0 < chart.limit <= chart.top:
        return None
    dot = _dot(chart.limit, chart.top, 4 * height - 1)
    assert dot is not None
    return height - 1 - dot // 4


def _labels(chart: Chart, height: int) -> dict[int, str]:
    """Row → label: the limit, the top, the middle when there is room, and 0."""
    labels = {height - 1: "0", 0: chart.text(chart.top)}
    if height >= 5 and height % 2:
        labels[height // 2] = chart.text(chart.top / 2)
    limit = _limit_row(chart, height)
    if limit is not None and chart.limit is not None:
        labels[limit] = chart.text(chart.limit)
    return labels


def _empty(text: str, width: int, height: int) -> tuple[Row, ...]:
    """The reason for an empty chart in its middle, if it fits."""
    shown = text if len(text) <= width else ""
    return tuple(
        merged(((f"{shown:^{width}}", "label"),)) if y == height // 2 else ((" " * width, ""),) for y in range(height)
    )
