"""The status line: what runs, since when, on what, and how much of it is saved. It reads nothing but its view."""

from __future__ import annotations

from app.session.live.view import EMPTY, View
from app.ui.draw.look import LIVE, Look
from app.ui.draw.rows import Row
from app.ui.draw.status import status_row
from app.ui.widgets.drawn import Line


class StatusLine(Line):
    """One row at the top of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._view = EMPTY
        self._look = LIVE
        self._round_trip_s: float | None = None

    def show(self, view: View, look: Look = LIVE, round_trip_s: float | None = None) -> None:
        """Draw this instant; `look` is how the charts under it are looked at, `round_trip_s` that of a bad line."""
        self._view, self._look, self._round_trip_s = view, look, round_trip_s
        self.refresh()

    def row(self, width: int) -> Row:
        """The row."""
        look = self._look
        frozen_ns = look.end_ns if look.state == "frozen" else None
        return status_row(self._view, frozen_ns, width, round_trip_s=self._round_trip_s, looked=look.state)
