"""The roofline of the session's device with its runs as points, which move while the session goes on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from app.session.view import View
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.roofline import RooflinePanel

KEYS = (("esc", "back"), ("↑↓", "runs"), ("g", "next device"))


class RooflineScreen(Screen[None], inherit_bindings=False):
    """A picture, and the way back."""

    CSS_PATH = "roofline.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,r,q,ctrl+c,ctrl+q,enter", "close", priority=True),
        Binding("g,tab", "next_device", priority=True),
        Binding("down,pagedown", "scroll(1)", priority=True),
        Binding("up,pageup", "scroll(-1)", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__()
        self._panel = RooflinePanel(view)

    def compose(self) -> ComposeResult:
        """The picture over the keys."""
        yield self._panel
        yield KeyLine(KEYS)

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._panel.show(view)

    def action_next_device(self) -> None:
        """Another device of the session."""
        self._panel.next_device()

    def action_scroll(self, by: int) -> None:
        """Other runs in the table."""
        self._panel.scroll_table(by)

    def action_close(self) -> None:
        """Back to the live screen."""
        self.dismiss(None)
