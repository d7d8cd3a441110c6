"""The screen of two sessions that are played together. Its app ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from app.session.playing.paired import PairView
from app.ui.playing import Playing
from app.ui.playing_commands import PLAYING, play_entry
from app.ui.screens.page import HELP, PageScreen
from app.ui.screens.playing import PlayingActions
from app.ui.widgets.pair import PairPanels
from app.ui.widgets.timeline import TimelineRow

if TYPE_CHECKING:
    from app.ui.scrubbing import Scrubbing

OWN: Final = (("t", "align"), ("tab", "panel"), ("enter", "enlarge"))


class PairScreen(PlayingActions, PageScreen[None, PairPanels]):
    """A picture over a timeline."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(",".join(command.keys), command.action, priority=True) for command in PLAYING),
        Binding("space,f", "play", priority=True),
        Binding("t", "align", priority=True),
        Binding("tab,down,right", "panel(1)", priority=True),
        Binding("shift+tab,up,left", "panel(-1)", priority=True),
        Binding("enter", "enlarge", priority=True),
        Binding("g", "gpu", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(PairPanels(), _keys("", gpus=0))
        self._timeline = TimelineRow()

    def timeline(self) -> ComposeResult:
        """Of both."""
        yield self._timeline

    def on_mount(self) -> None:
        """Begin to look."""
        self._pair.begin()

    def show(self, view: PairView) -> None:
        """Draw this instant."""
        self._body.show(view)
        self._timeline.show(view.played, self.hand.note)
        gpus = max(len(view.first.gpus), len(view.second.gpus))
        self._line.offer(_keys("" if view.played is None else view.played.state, gpus=gpus))

    @property
    def hand(self) -> Playing:
        """On the timeline of both."""
        return self._pair.playing

    def placed(self) -> None:
        """Another instant is shown."""
        self._pair.tick()

    def open_jump(self) -> None:
        """Ask where to."""
        self._pair.open_jump()

    def action_play(self) -> None:
        """Play or pause."""
        self.toggle_playing()

    def action_align(self) -> None:
        """By another thing."""
        self._pair.align()

    def action_panel(self, by: int) -> None:
        """Another panel."""
        self._body.next_panel(by)

    def action_enlarge(self) -> None:
        """One panel or all."""
        self._body.enlarge()

    def action_gpu(self) -> None:
        """Another GPU."""
        self._body.next_gpu()

    def action_close(self) -> None:
        """It is over."""
        self.app.exit()

    @property
    def _pair(self) -> Scrubbing:
        return cast("Scrubbing", self.app)


def _keys(state: str, *, gpus: int) -> tuple[tuple[str, str], ...]:
    moves = tuple((command.shown, command.label) for command in PLAYING if command.footer)
    other = (("g", "GPU"),) if gpus > 1 else ()
    return (("q", "leave"), HELP, play_entry(state), *OWN, *moves, *other)
