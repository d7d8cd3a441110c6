"""The parts of a mean step side by side: a bar for each side under one scale."""

from __future__ import annotations

from app.session.results.comparison import Pair, PartComparison
from app.text.compared import change_text
from app.text.numbers import milliseconds
from app.ui.draw.bars import bar
from app.ui.draw.compare.distribution import BASE, OTHER
from app.ui.draw.labels import shown
from app.ui.draw.rows import Row, clipped, merged, text_row

NARROWEST_BAR = 6


def phase_rows(pair: Pair, width: int) -> list[Row]:
    """Two rows a part; nothing but a word where a step has no parts."""
    if not pair.parts:
        return [text_row("requests have no parts", "label")]
    names = max(len(part.name) for part in pair.parts)
    labels = max(len(pair.base_label), len(pair.other_label))
    most = max(value or 0.0 for part in pair.parts for value in (part.base_ms, part.other_ms))
    values = max(len(shown(value, milliseconds)) for part in pair.parts for value in (part.base_ms, part.other_ms))
    room = width - names - labels - values - 3 - 9
    rows: list[Row] = []
    for part in pair.parts:
        for label, value, style, words in _sides(pair, part):
            drawn = "" if room < NARROWEST_BAR or not most else bar((value or 0.0) / most, room)
            name = part.name if style == BASE else ""
            rows.append(
                merged(
                    (
                        (f"{name:<{names}} ", "label"),
                        (f"{label:<{labels}} ", style),
                        (f"{shown(value, milliseconds):>{values}} ", "value"),
                        (f"{words:>8} ", "note"),
                        (drawn, style),
                    )
                )
            )
    return [clipped(row, width) for row in rows]


def _sides(pair: Pair, part: PartComparison) -> list[tuple[str, float | None, str, str]]:
    return [
        (pair.base_label, part.base_ms, BASE, ""),
        (pair.other_label, part.other_ms, OTHER, change_text(part.ratio)),
    ]
