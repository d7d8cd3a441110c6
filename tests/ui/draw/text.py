"""Rows as text, for tests that compare pictures."""

from __future__ import annotations

from collections.abc import Iterable

from app.session.live.view import View
from app.ui.draw.box import box
from app.ui.draw.panel import PanelKind, chart_rows, number_rows, panel_content
from app.ui.draw.rows import Row


def text_of(row: Row) -> str:
    """The characters of a row."""
    return "".join(text for text, _ in row)


def lines_of(rows: Iterable[Row]) -> list[str]:
    """The characters of rows."""
    return [text_of(row) for row in rows]


def panel_rows(kind: PanelKind, view: View, width: int, height: int, gpu: int = 0) -> tuple[Row, ...]:
    """A whole panel, drawn for the first time."""
    content = panel_content(kind, view, gpu)
    head, feet = number_rows(content, width, height)
    chart, _ = chart_rows(content, width, height, None)
    return box([*head, *chart, *feet], content.title, content.note, width, height, focused=False)


def panel_text(kind: PanelKind, view: View, width: int, height: int, gpu: int = 0) -> str:
    """A whole panel as lines."""
    return "\n".join(lines_of(panel_rows(kind, view, width, height, gpu)))
