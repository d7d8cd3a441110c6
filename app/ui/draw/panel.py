"""A panel to a size: which rows of numbers there is room for, and the chart in what they leave.

When a panel is short the chart goes first, then the rows of numbers from the last. Nothing is remembered
here: the axis that was comes in, the axis that is goes out.
"""

from __future__ import annotations

from itertools import chain
from typing import Literal

import msgspec

from app.session.view import Series, View
from app.ui.draw.axis import next_limit
from app.ui.draw.box import inner_width
from app.ui.draw.chart import Chart, Layer, draw_chart, plot_width
from app.ui.draw.columns import columns
from app.ui.draw.content import Content, Curve, Plot
from app.ui.draw.cpu import cpu_content
from app.ui.draw.gpu import gpu_content
from app.ui.draw.memory import memory_content
from app.ui.draw.rows import Row
from app.ui.draw.throughput import throughput_content
from app.ui.draw.times import time_content

PanelKind = Literal["device", "memory", "throughput", "time"]

SHORTEST_CHART = 2
"""Rows below which a chart is left out."""
ROOM_FOR_MORE = 4
"""Rows that the chart keeps when there is more than one row of numbers under it."""


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
    content: Content, width: int, height: int, top: float | None, *, sweep: bool = False
) -> tuple[tuple[Row, ...], float | None]:
    """The chart of a panel of `width` × `height` cells, and the axis it has now; `top` is the one that it had."""
    rows = shape(len(content.feet), height - 2).chart
    inner = inner_width(width)
    if rows <= 0 or inner <= 0:
        return (), top
    plot = content.plot
    layers = _layers(plot.curves, plot_width(inner), sweep=sweep)
    now = plot.top or next_limit(top, chain.from_iterable((*layer.values, *layer.upper) for layer in layers))
    return draw_chart(_chart(plot, layers, now), inner, rows), now


def _chart(plot: Plot, layers: tuple[Layer, ...], top: float) -> Chart:
    return Chart(layers=layers, top=top, limit=plot.limit, text=plot.text, empty=plot.empty)


def _layers(curves: tuple[Curve, ...], width: int, *, sweep: bool) -> tuple[Layer, ...]:
    """All curves end with the same bucket."""
    last = max((curve.series.last for curve in curves if curve.series), default=None)

    def cut(series: Series | None) -> tuple[float | None, ...]:
        return columns(series, width, last, sweep=sweep)

    return tuple(
        Layer(cut(curve.series), curve.style, curve.shape, cut(curve.upper) if curve.shape == "band" else ())
        for curve in curves
    )
