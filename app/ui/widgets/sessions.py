"""The body of the sessions screen: draws the shelf, and says where the mouse points."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from app.ui.draw.rows import Row
from app.ui.draw.sessions import SessionsLook, draw_sessions, first_row, list_rows
from app.ui.shelf import Shelf
from app.ui.widgets.drawn import Drawn

ABOVE = 3
"""Rows over the first session."""


class SessionsList(Drawn):
    """All sessions that are found."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf
        self.typing = False

    @property
    def page(self) -> int:
        """How many are seen at once."""
        return max(1, list_rows(self.size.height))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """As it is now."""
        shelf = self.shelf
        look = SessionsLook(
            shown=shelf.shown,
            total=shelf.total,
            cursor=shelf.cursor,
            typed=shelf.typed,
            typing=self.typing,
            column=shelf.column,
            turned=shelf.turned,
            marks=tuple(shelf.marks),
        )
        return draw_sessions(look, width, height)

    def on_click(self, event: events.Click) -> None:
        """The cursor where it was clicked."""
        row = event.y - ABOVE
        if 0 <= row < self.page:
            first = first_row(self.shelf.cursor, len(self.shelf.shown), self.page)
            self.shelf.move(first + row - self.shelf.cursor)
            self.refresh()

    def on_mouse_scroll_down(self) -> None:
        """On."""
        self.shelf.move(3)
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        """Back."""
        self.shelf.move(-3)
        self.refresh()
