"""Many devices and ranks as a widget: it remembers the gauge that is shown and how far one scrolled."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.live.view import EMPTY, View
from app.ui.draw.box import box, inner_width
from app.ui.draw.heat import heat_page
from app.ui.draw.rows import Row
from app.ui.widgets.picture import Picture


class HeatPanel(Picture):
    """The whole screen but its keys."""

    def __init__(self, view: View = EMPTY) -> None:
        super().__init__(view)
        self._gauge = 0
        self._first = 0

    def next_gauge(self, by: int) -> None:
        """Another gauge."""
        self._gauge += by
        self.refresh()

    def scroll_rows(self, by: int) -> None:
        """So many rows further down."""
        self._first += by
        self.refresh()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """As it is now."""
        rows = heat_page(self._view, self._gauge, inner_width(width))
        self._first = max(0, min(self._first, len(rows) - max(0, height - 2)))
        shown = rows[self._first : self._first + max(0, height - 2)]
        return box(shown, "Devices and ranks", "", width, height, focused=True)
