"""The slowest steps or requests of the present run, and what is known around each."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from app.session.live.view import View
from app.ui.screens.picture import PictureScreen
from app.ui.widgets.slow import SlowPanel

KEYS = (("esc", "back"), ("↑↓", "the next"), ("enter", "charts around it"))


class SlowScreen(PictureScreen[SlowPanel]):
    """A table, and the way back, with the marked one or without."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "close", priority=True),
        Binding("enter", "window", priority=True),
        Binding("down,tab", "move(1)", priority=True),
        Binding("up,shift+tab", "move(-1)", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(SlowPanel(view), KEYS)

    def action_move(self, by: int) -> None:
        """Mark another."""
        self._body.move(by)

    def action_window(self) -> None:
        """Back to the charts, at the marked one."""
        if (sample := self._body.sample) is not None:
            self.dismiss((sample.start_ns, sample.start_ns + sample.wall_ns))
