"""The search as a widget under the panels. It reads nothing but its view."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.live.view import View
from app.ui.draw.rows import Row
from app.ui.draw.search import draw_search
from app.ui.widgets.viewed import Viewed


class SearchPanel(Viewed):
    """There only while a search is shown."""

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._view = view
        if view.search:
            self.refresh()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The search as it is now."""
        return draw_search(self._view, width, height)
