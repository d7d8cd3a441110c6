"""The plan line: every run with its state, and the last line of the log. It reads nothing but its view."""

from __future__ import annotations

from app.ui.draw.rows import Row
from app.ui.draw.status import plan_row
from app.ui.widgets.drawn import Line
from app.ui.widgets.viewed import Viewed


class PlanLine(Viewed, Line):
    """One row under the panels."""

    def row(self, width: int) -> Row:
        """The row."""
        return plan_row(self._view, width)
