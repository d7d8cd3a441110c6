"""The verdict on the live screen. It reads nothing but its view, and draws only when what it tells has changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from app.session.live.view import EMPTY, View
from app.ui.draw.rows import Row
from app.ui.draw.why.lines import draw_verdict
from app.ui.widgets.drawn import Drawn


class VerdictPanel(Drawn, can_focus=True):
    """What limits the present run. A click asks for all that there is to say about it."""

    class Chosen(Message):
        """It was clicked."""

    def __init__(self) -> None:
        super().__init__(id="verdict")
        self._view = EMPTY
        self._told: object = None

    def show(self, view: View) -> None:
        """Draw this instant."""
        run = view.current
        told = None if run is None else (run.run, run.state, run.phase, run.verdicts, run.effects)
        if told != self._told or view.current is None:
            self._view, self._told = view, told
            self.refresh()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """As it is now."""
        return draw_verdict(self._view, width, height, focused=self.has_focus)

    def on_click(self, event: events.Click) -> None:
        """Tell the screen."""
        event.stop()
        self.post_message(self.Chosen())
