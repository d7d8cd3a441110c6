"""The notice line: the most urgent thing that a person must know, with its remedy. It reads nothing but its view."""

from __future__ import annotations

from app.ui.draw.rows import Row
from app.ui.draw.status import notice_row
from app.ui.widgets.drawn import Line
from app.ui.widgets.viewed import Viewed


class NoticeLine(Viewed, Line):
    """One row that is always there, so that nothing moves when there is something to say."""

    def row(self, width: int) -> Row:
        """The row."""
        return notice_row(self._view, width)
