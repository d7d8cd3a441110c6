"""The most urgent notice or failure with its remedy. It never reads anything but the view it is shown."""

from __future__ import annotations

from textual.widget import Widget

from app.session.view import View


class NoticeLine(Widget):
    """The most urgent notice or failure with its remedy."""

    def show(self, view: View) -> None:
        """Draw this instant."""

    def render(self) -> str:
        """Nothing yet."""
        return ""
