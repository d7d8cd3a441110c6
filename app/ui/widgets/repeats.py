"""The repeats as widgets: a small form on the live screen, and a screen of their own. They read a view alone."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.live.view import EMPTY, View
from app.ui.draw.repeats import draw_repeats, draw_small, last_first
from app.ui.draw.rows import Row
from app.ui.widgets.picture import Picture
from app.ui.widgets.viewed import Viewed


class RepeatsStrip(Viewed):
    """A row for each variant under the panels, where there is room; nothing is drawn where nothing is repeated."""

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._view = view
        if view.variants:
            self.refresh()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The strips as they are now."""
        return draw_small(self._view, width)[:height]


class RepeatsPanel(Picture):
    """The whole screen but its keys. It remembers the place in the list of variants."""

    def __init__(self, view: View = EMPTY) -> None:
        super().__init__(view)
        self._first = 0

    def scroll_variants(self, by: int) -> None:
        """So many variants further down."""
        self._first = max(0, min(self._first + by, last_first(self._view, self.size.height)))
        self.refresh()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The repeats as they are now."""
        return draw_repeats(self._view, width, height, self._first)
