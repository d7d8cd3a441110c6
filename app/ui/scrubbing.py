"""The app of two sessions that are played together: one clock tick, one look at both."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from textual.screen import Screen

from app.session.playing.outline import Outline
from app.session.playing.paired import PairView
from app.session.playing.playback import Playback
from app.ui.display import DEFAULT, Display
from app.ui.playing import Playing
from app.ui.screens.pair import PairScreen
from app.ui.terminal.crash import QuietApp
from app.ui.terminal.run import run_on_terminal

CATCH_UP_S = 0.01
"""Pause between two looks while something is still to be read."""


class Pair(Protocol):
    """Two sessions; `app.session.playing.pair.PairPlayer` is the real one."""

    playback: Playback | None
    outline: Outline

    def look(self, now_ns: int, budget_s: float = 0.03) -> PairView:
        """Both at the instant where one is."""

    def align(self) -> None:
        """By another thing."""

    def step_ns(self, by: int) -> int | None:
        """The end of the next step of either, or of the one before."""


def scrub_pair(pair: Pair, home: Path, display: Display) -> None:
    """Until the person leaves. `home` is where a traceback goes if the screen fails. Raises ViewerCrashed."""
    run_on_terminal(Scrubbing(pair, display), home)


class Scrubbing(QuietApp, inherit_bindings=False):
    """The Textual app around the screen of two sessions."""

    TITLE = "benchtop"
    CSS_PATH = "screens/page.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, pair: Pair, display: Display = DEFAULT, clock: Callable[[], int] = time.monotonic_ns) -> None:
        super().__init__(display)
        self._pair = pair
        self._clock = clock
        self._catching_up = False
        self._page = PairScreen()
        self.playing = Playing(pair, clock)
        """The hand on the timeline of both."""
        self.view: PairView | None = None

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return self._page

    def begin(self) -> None:
        """The screen stands."""
        self.tick()
        self.set_interval(1 / self.chosen_display.refresh_hz, self.tick)

    def tick(self) -> None:
        """Look once and show it; while something is to be read, go on reading."""
        if self._catching_up or not self.is_running:
            return
        self.view = self._pair.look(self._clock())
        self._page.show(self.view)
        played = self.view.played
        if self.view.catching_up is not None or (played is not None and played.seeking):
            self._catching_up = True
            self.set_timer(CATCH_UP_S, self._catch_up)

    def align(self) -> None:
        """By another thing."""
        self._pair.align()
        self.tick()

    def open_jump(self) -> None:
        """Ask where to."""
        from app.ui.screens.jump import JumpDialog  # noqa: PLC0415

        played = None if self.view is None else self.view.played
        if played is not None:
            self.push_screen(JumpDialog(played, self.playing.typed), self._jump_answered)

    def _jump_answered(self, at_ns: int | None) -> None:
        if at_ns is not None:
            self._page.go_to(at_ns)

    def _catch_up(self) -> None:
        self._catching_up = False
        self.tick()
