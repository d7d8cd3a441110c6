"""The actions of a screen with a timeline; see `app.ui.playing_commands` for their keys."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.playing import Playing
from app.ui.widgets.timeline import TimelineRow


class PlayingActions:
    """Mixed into a screen. Where nothing is played, none of them does anything."""

    @property
    def hand(self) -> Playing | None:
        """On the timeline; None: there is none."""
        raise NotImplementedError

    def placed(self) -> None:
        """Another instant was asked for: show it as soon as it is there."""
        raise NotImplementedError

    def open_jump(self) -> None:
        """Ask where to."""
        raise NotImplementedError

    def go_to(self, at_ns: int) -> None:
        """An instant, of two sessions one of their common time."""
        self._do(lambda hand: hand.to(at_ns))

    def on_timeline_row_pointed(self, message: TimelineRow.Pointed) -> None:
        """The instant that was pointed at."""
        self.go_to(message.at_ns)

    def action_second_back(self) -> None:
        """A second back."""
        self._do(lambda hand: hand.second(-1))

    def action_second_on(self) -> None:
        """A second on."""
        self._do(lambda hand: hand.second(1))

    def action_step_back(self) -> None:
        """A step back."""
        self._do(lambda hand: hand.step(-1))

    def action_step_on(self) -> None:
        """A step on."""
        self._do(lambda hand: hand.step(1))

    def action_slower(self) -> None:
        """Play slower."""
        self._do(lambda hand: hand.speed(-1))

    def action_faster(self) -> None:
        """Play faster."""
        self._do(lambda hand: hand.speed(1))

    def action_jump(self) -> None:
        """Ask where to."""
        if self.hand is not None and self.hand.known:
            self.open_jump()

    def action_next_verdict(self) -> None:
        """Where the primary verdict changes next."""
        self._do(lambda hand: hand.sign(("verdict",), 1, "change of the verdict"))

    def action_previous_verdict(self) -> None:
        """Where the primary verdict changed before."""
        self._do(lambda hand: hand.sign(("verdict",), -1, "change of the verdict"))

    def action_next_mark(self) -> None:
        """The next mark."""
        self._do(lambda hand: hand.sign(("mark", "failure"), 1, "mark"))

    def action_previous_mark(self) -> None:
        """The mark before."""
        self._do(lambda hand: hand.sign(("mark", "failure"), -1, "mark"))

    def action_next_run(self) -> None:
        """Where the next run begins."""
        self._do(lambda hand: hand.sign(("run",), 1, "run that begins"))

    def action_previous_run(self) -> None:
        """Where this run began, or the one before."""
        self._do(lambda hand: hand.sign(("run",), -1, "run that begins"))

    def action_to_start(self) -> None:
        """The first instant."""
        self._do(lambda hand: hand.start())

    def action_to_end(self) -> None:
        """The last instant."""
        self._do(lambda hand: hand.end())

    def toggle_playing(self) -> None:
        """Play or pause."""
        self._do(lambda hand: hand.toggle())

    def _do(self, what: Callable[[Playing], None]) -> None:
        if self.hand is not None:
            what(self.hand)
            self.placed()
