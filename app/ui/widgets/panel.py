"""One panel: border with title, numbers and chart, all drawn here. It never reads anything but the view it is shown."""

from __future__ import annotations

from typing import Any, Literal

from textual.widget import Widget

from app.session.view import EMPTY, View

PanelKind = Literal["device", "memory", "throughput", "time"]


class Panel(Widget, can_focus=True):
    """A panel of the live screen."""

    def __init__(self, kind: PanelKind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self._view = EMPTY

    def show(self, view: View, *, charts: bool, gpu: int = 0) -> None:
        """Draw this instant. `charts` False: only the rows of numbers may change this time."""
        self._view = view

    def render(self) -> str:
        """Nothing yet."""
        return self.kind
