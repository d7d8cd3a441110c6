"""What fills a screen of its own but for its keys. It reads nothing but the view that it was shown last."""

from __future__ import annotations

from app.session.view import EMPTY, View
from app.ui.widgets.drawn import Drawn


class Picture(Drawn, can_focus=True):
    """The whole screen but its keys."""

    def __init__(self, view: View = EMPTY) -> None:
        super().__init__()
        self._view = view

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._view = view
        self.refresh()
