"""The slowest steps or requests of the present run, and what is known around each."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from app.session.view import SlowSample, View
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.slow import SlowPanel

KEYS = (("esc", "back"), ("↑↓", "the next"), ("enter", "charts around it"))


class SlowScreen(Screen[SlowSample | None], inherit_bindings=False):
    """A table, and the way back. It gives back the one around which charts are to be seen; None: nothing."""

    CSS_PATH = "slow.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,s,q,ctrl+c,ctrl+q", "close", priority=True),
        Binding("enter", "window", priority=True),
        Binding("down,tab", "move(1)", priority=True),
        Binding("up,shift+tab", "move(-1)", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__()
        self._panel = SlowPanel(view)

    def compose(self) -> ComposeResult:
        """The page over the keys."""
        yield self._panel
        yield KeyLine(KEYS)

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._panel.show(view)

    def action_move(self, by: int) -> None:
        """Mark another."""
        self._panel.move(by)

    def action_window(self) -> None:
        """Back to the charts, at the marked one."""
        if self._panel.sample is not None:
            self.dismiss(self._panel.sample)

    def action_close(self) -> None:
        """Back to the live screen."""
        self.dismiss(None)
