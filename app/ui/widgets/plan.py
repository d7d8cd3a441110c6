"""The plan and the last log line. It never reads anything but the view it is shown."""

from __future__ import annotations

from textual.widget import Widget

from app.session.view import View


class PlanLine(Widget):
    """The plan and the last log line."""

    def show(self, view: View) -> None:
        """Draw this instant."""

    def render(self) -> str:
        """Nothing yet."""
        return ""
