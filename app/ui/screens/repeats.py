"""The repeats of the session: every run as a point, and the interval as it tightens while the session goes on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from app.session.view import View
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.repeats import RepeatsPanel

KEYS = (("esc", "back"), ("↑↓", "variants"))


class RepeatsScreen(Screen[None], inherit_bindings=False):
    """A picture, and the way back."""

    CSS_PATH = "repeats.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,e,q,ctrl+c,ctrl+q,enter", "close", priority=True),
        Binding("down,pagedown", "scroll(1)", priority=True),
        Binding("up,pageup", "scroll(-1)", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__()
        self._panel = RepeatsPanel(view)

    def compose(self) -> ComposeResult:
        """The picture over the keys."""
        yield self._panel
        yield KeyLine(KEYS)

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._panel.show(view)

    def action_scroll(self, by: int) -> None:
        """Other variants."""
        self._panel.scroll_variants(by)

    def action_close(self) -> None:
        """Back to the live screen."""
        self.dismiss(None)
