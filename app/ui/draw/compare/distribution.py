"""The two distributions over each other: the base as an area, the other as a line, on one axis of time."""

from __future__ import annotations

from itertools import pairwise

from app.session.results.comparison import Distribution, Pair
from app.text.compared import change_text
from app.text.numbers import milliseconds, significant
from app.text.overlay import merged as merged_shares
from app.ui.draw.chart import Chart, Layer, draw_chart, plot_width
from app.ui.draw.rows import Row, clipped, text_row

BASE, OTHER = "device", "device-second"
"""The styles of the two sides, here and in every other panel."""
SHORTEST = 4
"""Rows of a picture; fewer show the quantiles alone."""


def distribution_rows(pair: Pair, width: int, height: int) -> list[Row]:
    """The picture, its axis, and a row of quantiles; exactly `height` rows where there is a picture."""
    told = pair.distribution
    if told is None:
        return [text_row("no durations that can be laid over each other", "label")]
    feet = _quantiles(pair, told, width)
    rows = height - len(feet) - 1
    if rows < SHORTEST:
        return feet[:height]
    columns = 2 * plot_width(width)
    sides = [merged_shares(of, columns) for of in (told.base, told.other)]
    top = max(max(of) for of in sides) or 1.0
    layers = (Layer(_shown(sides[0]), BASE, "area"), Layer(_line(sides[1]), OTHER, "line"))
    chart = Chart(layers=layers, top=top, text=lambda share: f"{100 * share:.2g} %")
    return [*draw_chart(chart, width, rows), _axis(told, width), *feet]


def _shown(shares: list[float]) -> tuple[float | None, ...]:
    """Nothing is drawn where there is nothing."""
    return tuple(share or None for share in shares)


def _line(shares: list[float]) -> tuple[float | None, ...]:
    """The same, and to the ground beside what there is, so that the line has ends."""
    shown: list[float | None] = list(_shown(shares))
    for place, (before, after) in enumerate(pairwise(shares)):
        if before and not after:
            shown[place + 1] = 0.0
        elif after and not before:
            shown[place] = 0.0
    return tuple(shown)


def _axis(told: Distribution, width: int) -> Row:
    plot = plot_width(width)
    margin, unit = " " * (width - plot), "ms, logarithmic" if told.log else "ms"
    low, high = significant(told.low_ms), f"{significant(told.high_ms)} {unit}"
    between = plot - len(low) - len(high)
    if between < 1:
        return text_row(f"{margin}{low}"[:width], "axis")
    middle = (told.low_ms * told.high_ms) ** 0.5 if told.log else (told.low_ms + told.high_ms) / 2
    words = significant(middle)
    start = plot // 2 - len(low) - len(words) // 2
    filled = " " * between
    if start > 1 and start + len(words) < between - 1:
        filled = " " * start + words + " " * (between - start - len(words))
    return text_row(margin + low + filled + high, "axis")


def _quantiles(pair: Pair, told: Distribution, width: int) -> list[Row]:
    """One row for each side's name, one for each quantile where they do not stand beside each other."""
    head: Row = (
        (f"█ {pair.base_label}", BASE),
        ("  ", ""),
        (f"─ {pair.other_label}", OTHER),
        (f"  {told.kind}, every one of all runs", "label"),
    )
    texts = [
        f"p{100 * share:g} {milliseconds(base)} → {milliseconds(other)} {change_text(other / base if base else None)}"
        for share, base, other in told.quantiles
    ]
    whole = "   ".join(texts)
    feet = [whole] if len(whole) <= width else texts
    return [clipped(head, width), *(text_row(text[:width], "value") for text in feet)]
