"""What differs: what was meant, what was not and so forbids comparing, and the likely effect of each."""

from __future__ import annotations

import textwrap
from typing import Final

from app.session.plain import plain
from app.session.results.comparison import Difference, Pair, Standing
from app.ui.draw.labels import DASH
from app.ui.draw.rows import Row, clipped, text_row

HEADS: Final[dict[Standing, tuple[str, str]]] = {
    "meant": ("under test", "title"),
    "not meant": ("not comparable: was not meant to differ", "failure"),
    "accepted": ("differs, accepted", "warning"),
    "not known": ("not known on both sides", "label"),
}


def difference_rows(pair: Pair, width: int) -> list[Row]:
    """By what they mean, the value of both sides and the effect of each."""
    if not pair.differences:
        return [text_row("nothing that is known differs", "good")]
    rows: list[Row] = []
    for standing, (head, style) in HEADS.items():
        found = [difference for difference in pair.differences if difference.standing == standing]
        if not found:
            continue
        rows.append(text_row(head, style))
        if standing == "not known":
            names = ", ".join(difference.name for difference in found)
            rows += [text_row(f"  {line}", "label") for line in textwrap.wrap(names, max(8, width - 2))]
            continue
        for difference in found:
            rows += _rows(difference, width)
    return [clipped(row, width) for row in rows]


def _rows(difference: Difference, width: int) -> list[Row]:
    """One line where it fits, else the effect under it."""
    values = f"{_value(difference.base)} → {_value(difference.other)}"
    row: Row = ((f"  {plain(difference.name)} ", "label"), (values, "value"))
    effect = f"  {difference.effect}"
    used = len(difference.name) + 3 + len(values)
    if used + len(effect) <= width:
        return [(*row, (effect, "note"))]
    return [row, *(text_row(f"    {line}", "note") for line in textwrap.wrap(difference.effect, max(8, width - 4)))]


def _value(text: str | None) -> str:
    return DASH if text is None else plain(text)
