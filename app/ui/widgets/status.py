"""The status line: what runs, since when, on what, and how much of it is saved. It reads nothing but its view."""

from __future__ import annotations

from app.session.view import EMPTY, View
from app.ui.draw.look import State
from app.ui.draw.rows import Row
from app.ui.draw.status import status_row
from app.ui.widgets.drawn import Line


class StatusLine(Line):
    """One row at the top of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._view = EMPTY
        self._frozen_ns: int | None = None
        self._round_trip_s: float | None = None
        self._state: State = "live"

    def look(self, state: State) -> None:
        """Charts are looked at so; it is drawn with the next instant."""
        self._state = state

    def show(self, view: View, frozen_ns: int | None, round_trip_s: float | None = None) -> None:
        """Draw this instant; `frozen_ns` is when the picture under it was frozen, `round_trip_s` that of a bad line."""
        self._view, self._frozen_ns, self._round_trip_s = view, frozen_ns, round_trip_s
        self.refresh()

    def row(self, width: int) -> Row:
        """The row."""
        return status_row(self._view, self._frozen_ns, width, round_trip_s=self._round_trip_s, looked=self._state)
