"""The roofline of the session's device with its runs as points, which move while the session goes on."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from app.session.live.view import View
from app.ui.screens.picture import PictureScreen
from app.ui.widgets.roofline import RooflinePanel

KEYS = (("esc", "back"), ("↑↓", "runs"), ("g", "next device"))


class RooflineScreen(PictureScreen[RooflinePanel]):
    """A picture, and the way back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "close", priority=True),
        Binding("g,tab", "next_device", priority=True),
        Binding("down,pagedown", "scroll(1)", priority=True),
        Binding("up,pageup", "scroll(-1)", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(RooflinePanel(view), KEYS)

    def action_next_device(self) -> None:
        """Another device of the session."""
        self._body.next_device()

    def action_scroll(self, by: int) -> None:
        """Other runs in the table."""
        self._body.scroll_table(by)
