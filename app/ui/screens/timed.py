"""A page over a session that is played: its timeline under it, and the keys that lead to another instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message_pump import MessagePump

from app.ui.playing import Playing
from app.ui.playing_commands import PLAYING
from app.ui.screens.playing import PlayingActions
from app.ui.widgets.timeline import TimelineRow

if TYPE_CHECKING:
    from app.ui.app import Viewer

    Base = MessagePump
else:
    Base = object

TAKEN: Final = frozenset(("jump", "to_start", "to_end"))
"""Their keys mean something else on some page."""

TIMED: Final[tuple[BindingType, ...]] = (
    *(
        Binding(",".join(command.keys), command.action, priority=True)
        for command in PLAYING
        if command.action not in TAKEN
    ),
    Binding("f", "play", priority=True),
    Binding("s", "save", priority=True),
)


class TimedPage(PlayingActions, Base):
    """Mixed into a page that shows views."""

    def timeline(self) -> ComposeResult:
        """The row; none where nothing is played."""
        viewer = self._timed_viewer
        if viewer is not None and viewer.playing is not None:
            yield TimelineRow(viewer.view.played)

    @property
    def hand(self) -> Playing | None:
        """On the timeline; None: there is none."""
        return None if self._timed_viewer is None else self._timed_viewer.playing

    def placed(self) -> None:
        """Another instant is shown."""
        if self._timed_viewer is not None:
            self._timed_viewer.place()

    def open_jump(self) -> None:
        """Not from a page."""

    def action_play(self) -> None:
        """Play or pause."""
        self.toggle_playing()

    async def action_save(self) -> None:
        """Save the screen."""
        if self._timed_viewer is not None:
            await self._timed_viewer.save_screen()

    @property
    def _timed_viewer(self) -> Viewer | None:
        """None in an app that plays nothing."""
        return self.app if hasattr(self.app, "playing") else None  # type: ignore[return-value]
