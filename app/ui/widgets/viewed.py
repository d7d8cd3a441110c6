"""A widget that keeps the view it was shown last, and draws nothing but that."""

from __future__ import annotations

from app.session.live.view import EMPTY, View
from app.ui.widgets.drawn import Drawn


class Viewed(Drawn):
    """Rows of one view."""

    def __init__(self, view: View = EMPTY) -> None:
        super().__init__()
        self._view = view

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._view = view
        self.refresh()
