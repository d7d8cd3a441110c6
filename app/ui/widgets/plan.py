"""The plan line: every run with its state, and the last line of the log. It reads nothing but its view."""

from __future__ import annotations

from app.session.view import EMPTY, View
from app.ui.draw.rows import Row
from app.ui.draw.status import plan_row
from app.ui.widgets.drawn import Line


class PlanLine(Line):
    """One row under the panels."""

    def __init__(self) -> None:
        super().__init__()
        self._view = EMPTY

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._view = view
        self.refresh()

    def row(self, width: int) -> Row:
        """The row."""
        return plan_row(self._view, width)
