"""The repeats of the session: every run as a point, and the interval as it tightens while the session goes on."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from app.session.live.view import View
from app.ui.screens.picture import PictureScreen
from app.ui.widgets.repeats import RepeatsPanel

KEYS = (("esc", "back"), ("↑↓", "variants"))


class RepeatsScreen(PictureScreen[RepeatsPanel]):
    """A picture, and the way back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e,enter", "close", priority=True),
        Binding("down,pagedown", "scroll(1)", priority=True),
        Binding("up,pageup", "scroll(-1)", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(RepeatsPanel(view), KEYS)

    def action_scroll(self, by: int) -> None:
        """Other variants."""
        self._body.scroll_variants(by)
