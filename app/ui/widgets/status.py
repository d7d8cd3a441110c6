"""What the session does, on what, in one line. It never reads anything but the view it is shown."""

from __future__ import annotations

from textual.widget import Widget

from app.session.view import View


class StatusLine(Widget):
    """What the session does, on what, in one line."""

    def show(self, view: View, frozen_ns: int | None) -> None:
        """Draw this instant."""

    def render(self) -> str:
        """Nothing yet."""
        return ""
