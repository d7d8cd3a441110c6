"""A panel to a size: which rows of numbers there is room for, and the chart in what they leave.

When a panel is short the chart goes first, then the rows of numbers from the last. Nothing is remembered
here: the axis that was comes in, the axis that is goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Literal

import msgspec
from msgspec.structs import replace

from app.session.live.view import Mark, Series, View
from app.ui.draw.axis import next_limit
from app.ui.draw.box import inner_width
from app.ui.draw.chart import Chart, Layer, draw_chart, plot_width
from app.ui.draw.columns import columns
from app.ui.draw.content import Content, Curve, Plot
from app.ui.draw.cpu import cpu_content
from app.ui.draw.gpu import gpu_content
from app.ui.draw.labels import DASH
from app.ui.draw.look import LIVE, Look
from app.ui.draw.memory import memory_content
from app.ui.draw.rows import Row
from app.ui.draw.scale import rescaled, value_at
from app.ui.draw.throughput import throughput_content
from app.ui.draw.ticks import Axis, Tick, ticks
from app.ui.draw.times import time_content

PanelKind = Literal["device", "memory", "throughput", "time"]

SHORTEST_CHART = 2
"""Rows below which a chart is left out."""
ROOM_FOR_MORE = 4
"""Rows that the chart keeps when there is more than one row of numbers under it."""


class Over(msgspec.Struct, frozen=True):
    """What the time axis of every chart shows."""

    marks: tuple[Mark, ...] = ()
    clock: Callable[[int], str] = lambda _: ""
    """An instant of the host's clock in words."""


NOTHING = Over()


class Shape(msgspec.Struct, frozen=True):
    """How the rows between the borders are shared out."""

    feet: int
    chart: int


def panel_content(kind: PanelKind, view: View, gpu: int) -> Content:
    """What a panel of this kind holds. A `gpu` that is not there is the last one that is."""
    gpu = min(gpu, len(view.gpus) - 1)
    match kind:
        case "device":
            return gpu_content(view, gpu) if view.gpus else cpu_content(view)
        case "memory":
            return memory_content(view, gpu)
        case "throughput":
            return throughput_content(view, gpu)
        case "time":
            return time_content(view)


def shape(feet: int, height: int) -> Shape:
    """`height` rows between the borders → rows of numbers under the chart, and rows of the chart."""
    for shown in range(feet, min(feet, 1) - 1, -1):
        chart = height - 1 - shown
        if chart >= (ROOM_FOR_MORE if shown > 1 else SHORTEST_CHART):
            return Shape(shown, chart)
    return Shape(min(feet, max(0, height - 1)), 0)


def number_rows(content: Content, width: int, height: int) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Rows of numbers over and under the chart of a panel of `width` × `height` cells, border included."""
    inner = inner_width(width)
    feet = shape(len(content.feet), height - 2).feet
    return (content.head(inner),), tuple(foot(inner) for foot in content.feet[:feet])


def chart_rows(
    content: Content,
    width: int,
    height: int,
    top: float | None,
    *,
    sweep: bool = False,
    look: Look = LIVE,
    over: Over = NOTHING,
) -> tuple[tuple[Row, ...], float | None]:
    """The chart of a panel of `width` × `height` cells, and the axis it has now; `top` is the one that it had.

    `over` is what the time axis of all charts shows, `look` which stretch of time they show.
    """
    rows = shape(len(content.feet), height - 2).chart
    inner = inner_width(width)
    if rows <= 0 or inner <= 0:
        return (), top
    plot, cells = content.plot, plot_width(inner)
    sweep = sweep and look == LIVE
    curves = [_rescaled(curve, look.column_ns) for curve in plot.curves]
    newest = _newest(curves, look)
    layers = _layers(curves, cells, newest, sweep=sweep)
    drawn = chain.from_iterable((*layer.values, *layer.upper) for layer in layers)
    now = plot.top or next_limit(top, drawn, plot.most)
    chart = Chart(layers=layers, top=now, limit=plot.limit, text=plot.text, empty=plot.empty)
    if newest is not None:
        axis = Axis(look.column_ns, newest, cells, sweep)
        chart = replace(chart, ticks=_ticks(plot, look, over, axis), ends=_ends(look, over, axis))
    return draw_chart(chart, inner, rows), now


def _rescaled(curve: Curve, column_ns: int) -> Curve:
    if curve.series is not None and curve.series.bucket_ns == column_ns:
        return curve
    return Curve(rescaled(curve.series, column_ns), curve.style, curve.shape, rescaled(curve.upper, column_ns))


def _newest(curves: Sequence[Curve], look: Look) -> int | None:
    """The column at the right edge; all curves end with it. None where there is none and no time is asked for."""
    if look.end_ns is not None:
        return look.end_ns // look.column_ns
    return max((curve.series.last for curve in curves if curve.series), default=None)


def _ticks(plot: Plot, look: Look, over: Over, axis: Axis) -> tuple[Tick, ...]:
    found = ticks(over.marks, axis)
    if look.window is not None and (cells := axis.cells(*look.window)) is not None:
        found += (Tick(*cells, "window", window=True),)
    if look.cursor_ns is not None and 0 <= (cell := axis.cell(look.cursor_ns)) < axis.width:
        values = [value_at(series, look.cursor_ns) for curve in plot.curves for series in (curve.series, curve.upper)]
        shown = "  ".join(plot.text(value) for value in values if value is not None) or DASH
        found += (Tick(cell, cell, f"{over.clock(look.cursor_ns)}  {shown}", shown, cursor=True),)
    return found


def _ends(look: Look, over: Over, axis: Axis) -> tuple[str, str]:
    """The times of both edges, where the picture is not of now."""
    if look.state == "live":
        return "", ""
    return over.clock(axis.start_ns()), over.clock((axis.newest + 1) * axis.column_ns)


def _layers(curves: Sequence[Curve], width: int, newest: int | None, *, sweep: bool) -> tuple[Layer, ...]:
    def cut(series: Series | None) -> tuple[float | None, ...]:
        return columns(series, width, newest, sweep=sweep)

    return tuple(
        Layer(cut(curve.series), curve.style, curve.shape, cut(curve.upper) if curve.shape == "band" else ())
        for curve in curves
    )
