"""Gauges side by side: the course of the chosen one by time or by step, over a table of the means of all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from app.session.results.comparison import Curve, GaugeComparison, Pair
from app.text.compared import change_text
from app.text.gauges import gauge_text
from app.text.numbers import count, significant
from app.ui.draw.chart import Chart, Layer, draw_chart, plot_width
from app.ui.draw.compare.distribution import BASE, OTHER
from app.ui.draw.labels import axis_bytes, axis_text, shown
from app.ui.draw.rows import Row, clipped, merged, text_row
from workloads.wire.gauges import GAUGES

SHORTEST = 4
"""Rows of a picture."""
TALLEST = 14
HEADROOM = 1.1
LEAST_TABLE = 3


def gauge_rows(pair: Pair, chosen: int, width: int, height: int, *, by_step: bool) -> list[Row]:
    """At most `height` rows."""
    gauges = pair.telling_gauges
    if not gauges:
        return [text_row("no readings while they were measured", "label")]
    chosen = max(0, min(chosen, len(gauges) - 1))
    picture = min(TALLEST, height - 2 - min(len(gauges) + 1, max(LEAST_TABLE, (height - 2) // 2)))
    rows: list[Row] = []
    if picture >= SHORTEST:
        rows = _picture(pair, gauges[chosen], width, picture, by_step=by_step)
    return [*rows, *_table(pair, gauges, chosen, width, height - len(rows))]


def _picture(pair: Pair, gauge: GaugeComparison, width: int, height: int, *, by_step: bool) -> list[Row]:
    curve = gauge.by_step if by_step else gauge.by_time
    head: Row = (
        (_name(gauge), "title"),
        (f"  █ {pair.base_label}", BASE),
        (f"  ─ {pair.other_label}", OTHER),
        ("  by step" if by_step else "  by time", "label"),
    )
    if curve is None:
        return [clipped(head, width), *(() for _ in range(height - 1)), text_row("no readings", "label")]
    columns = 2 * plot_width(width)
    layers = (
        Layer(stretched(curve.base, columns), BASE, "area"),
        Layer(stretched(curve.other, columns), OTHER, "line"),
    )
    top = HEADROOM * max((value for side in (curve.base, curve.other) for value in side if value), default=1.0)
    top = min(top, 100.0) if gauge.name.endswith("_percent") and top <= 100 * HEADROOM else top
    text = axis_bytes if "bytes" in gauge.name else axis_text
    chart = Chart(layers=layers, top=top, text=text, empty="no readings")
    return [clipped(head, width), *draw_chart(chart, width, height), _axis(curve, width, by_step=by_step)]


def stretched(values: Sequence[float | None], columns: int) -> tuple[float | None, ...]:
    """As many columns, each with the value at its place; a part without a reading between two others is bridged."""
    filled = list(values)
    known = [place for place, value in enumerate(values) if value is not None]
    for before, after in pairwise(known):
        one, two = values[before], values[after]
        assert one is not None
        assert two is not None
        for place in range(before + 1, after):
            filled[place] = one + (two - one) * (place - before) / (after - before)
    return tuple(filled[column * len(filled) // columns] for column in range(columns))


def _axis(curve: Curve, width: int, *, by_step: bool) -> Row:
    plot = plot_width(width)
    end = f"{count(round(curve.span))} steps" if by_step else f"{significant(curve.span)} s"
    return text_row(" " * (width - plot) + f"0{end:>{max(plot - 1, 1)}}"[:plot], "axis")


def _table(pair: Pair, gauges: Sequence[GaugeComparison], chosen: int, width: int, height: int) -> list[Row]:
    """Means, so far scrolled that the chosen one is seen."""
    cells = [_cells(gauge) for gauge in gauges]
    head: tuple[str, ...] = ("mean", pair.base_label, pair.other_label, "change")
    wide = [max(len(row[column]) for row in (head, *cells)) for column in range(4)]
    if sum(wide) + 6 > width:
        head, wide, cells = head[:3], wide[:3], [row[:3] for row in cells]
    room = max(1, height - 1)
    first = max(0, min(chosen - room // 2, len(cells) - room))
    rows = [_row(head, wide, "label", "label")]
    for place, row in enumerate(cells[first : first + room], first):
        rows.append(_row(row, wide, "mark" if place == chosen else "label", "value"))
    return [clipped(row, width) for row in rows]


def _cells(gauge: GaugeComparison) -> tuple[str, ...]:
    values = [shown(value, partial(gauge_text, gauge.name)) for value in (gauge.base, gauge.other)]
    return (_name(gauge), *values, change_text(gauge.ratio))


def _row(cells: tuple[str, ...], wide: Sequence[int], first: str, rest: str) -> Row:
    numbers = "".join(f"  {cell:>{wide[place]}}" for place, cell in enumerate(cells[1:], 1))
    return merged(((f"{cells[0]:<{wide[0]}}", first), (numbers, rest)))


def _name(gauge: GaugeComparison) -> str:
    return f"{gauge.device} {GAUGES[gauge.name].label}"
