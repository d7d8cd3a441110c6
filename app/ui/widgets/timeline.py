"""The timeline of a session that is played. It reads nothing but what it is shown."""

from __future__ import annotations

from textual import events
from textual.message import Message

from app.session.playing.played import Played
from app.ui.draw.rows import Row
from app.ui.draw.timeline import pointed_ns, timeline_row
from app.ui.widgets.drawn import Line


class TimelineRow(Line):
    """One row. A click on its bar, or pulling along it, asks for that instant."""

    class Pointed(Message):
        """An instant was asked for."""

        def __init__(self, at_ns: int) -> None:
            super().__init__()
            self.at_ns = at_ns

        def can_replace(self, message: Message) -> bool:
            """Of several that wait, the last alone counts."""
            return isinstance(message, TimelineRow.Pointed)

    def __init__(self, played: Played | None = None) -> None:
        super().__init__()
        self._played = played
        self._note = ""
        self._held = False

    def show(self, played: Played | None, note: str = "") -> None:
        """Draw this instant; `note` is why it is no other one."""
        self._played, self._note = played, note
        self.refresh()

    def row(self, width: int) -> Row:
        """The row."""
        return timeline_row(self._played, width, self._note)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """There, and take hold."""
        self._held = event.button == 1 and self._point(event.x)
        if self._held:
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pull along, while a button is down."""
        if self._held:
            self._point(event.x)

    def on_mouse_up(self) -> None:
        """Let it go."""
        self._held = False
        self.release_mouse()

    def _point(self, x: int) -> bool:
        at_ns = None if self._played is None else pointed_ns(self._played, x, self.size.width)
        if at_ns is not None:
            self.post_message(self.Pointed(at_ns))
        return at_ns is not None
