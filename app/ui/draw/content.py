"""What a panel holds, before it is drawn to a size: its title, rows of numbers and the plot between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import msgspec

from app.session.live.view import DeviceView, Series
from app.ui.draw.items import Item, items_row
from app.ui.draw.rows import Row

NumberRow = Callable[[int], Row]
"""Width → a row of exactly that width."""


class Curve(msgspec.Struct, frozen=True):
    """One series of a plot; `upper` is the other edge of a band."""

    series: Series | None
    style: str
    shape: Literal["area", "line", "band"] = "area"
    upper: Series | None = None


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """What the chart shows."""

    curves: tuple[Curve, ...]
    text: Callable[[float], str]
    """A number as an axis label."""
    top: float | None = None
    """A fixed upper edge; None: round numbers that follow the data."""
    most: float | None = None
    """What is larger is cut off at the edge of the axis, where anything else is in the picture."""
    limit: float | None = None
    """Drawn as a line where it lies on the axis."""
    empty: str = ""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """One panel at one instant."""

    title: str
    note: str = ""
    """At the right of the upper edge."""
    head: NumberRow
    """The row that stays longest."""
    feet: tuple[NumberRow, ...]
    """Rows under the chart, the most important first."""
    plot: Plot


def numbers(items: Sequence[Item], right: str = "", right_style: str = "label") -> NumberRow:
    """A row of items."""
    return partial(items_row, items, right=right, right_style=right_style)


def value_of(device: DeviceView, gauge: str) -> float | None:
    """The reading now; None when there is none."""
    reading = device.readings.get(gauge)
    return None if reading is None else reading.value
