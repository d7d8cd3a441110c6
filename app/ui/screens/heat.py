"""All accelerators and ranks at once, to see which of them differs."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from app.session.live.view import View
from app.ui.screens.picture import PictureScreen
from app.ui.widgets.heat import HeatPanel

KEYS = (("esc", "back"), ("←→", "gauge"), ("↑↓", "scroll"))


class HeatScreen(PictureScreen[HeatPanel]):
    """Strips, and the way back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,enter", "close", priority=True),
        Binding("right,tab,g", "gauge(1)", priority=True),
        Binding("left,shift+tab", "gauge(-1)", priority=True),
        Binding("down", "scroll(1)", priority=True),
        Binding("up", "scroll(-1)", priority=True),
        Binding("pagedown", "scroll(10)", priority=True),
        Binding("pageup", "scroll(-10)", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(HeatPanel(view), KEYS)

    def action_gauge(self, by: int) -> None:
        """Another gauge."""
        self._body.next_gauge(by)

    def action_scroll(self, by: int) -> None:
        """Rows further."""
        self._body.scroll_rows(by)
