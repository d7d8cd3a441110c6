"""The roofline as a widget: it reads nothing but the view it is shown, and remembers device and place in the table."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.live.view import EMPTY, View
from app.ui.draw.roofline import draw_roofline, following, last_first
from app.ui.draw.roofline_content import roofline_content
from app.ui.draw.rows import Row
from app.ui.widgets.picture import Picture


class RooflinePanel(Picture):
    """The whole screen but its keys."""

    def __init__(self, view: View = EMPTY) -> None:
        super().__init__(view)
        self._turn = 0
        self._first: int | None = None
        """None: nobody has scrolled the table."""

    def next_device(self) -> None:
        """Another device of the session, if there are several."""
        self._turn, self._first = self._turn + 1, None
        self.refresh()

    def scroll_table(self, by: int) -> None:
        """So many runs further down."""
        content, height = roofline_content(self._view, self._turn), self.size.height
        now = following(content, height) if self._first is None else self._first
        self._first = max(0, min(now + by, last_first(content, height)))
        self.refresh()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The roofline as it is now."""
        return draw_roofline(roofline_content(self._view, self._turn), width, height, self._first)
