"""The app of the start screen: choose what to run or to open. It starts and opens nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from textual.screen import Screen

from app.ui.choice import Choice, SessionItem, WorkloadItem
from app.ui.display import DEFAULT, Display
from app.ui.screens.start import StartScreen
from app.ui.terminal.crash import QuietApp
from app.ui.terminal.run import run_on_terminal

Problem = Callable[[tuple[str, ...]], str]
"""Workloads in an order → why they cannot be run so, in a line; empty when they can."""


def choose(
    workloads: Sequence[WorkloadItem],
    sessions: Sequence[SessionItem],
    problem: Problem,
    home: Path,
    display: Display,
    *,
    more: int = 0,
) -> Choice:
    """Let a person choose. `home` is where a traceback goes if the screen fails. Raises ViewerCrashed.

    `more`: sessions that are there besides.
    """
    chosen = run_on_terminal(Chooser(workloads, sessions, problem, display, more=more), home)
    return chosen if isinstance(chosen, Choice) else Choice()


class Chooser(QuietApp, inherit_bindings=False):
    """The Textual app around the start screen."""

    TITLE = "benchtop"
    CSS_PATH = "screens/page.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        workloads: Sequence[WorkloadItem],
        sessions: Sequence[SessionItem],
        problem: Problem,
        display: Display = DEFAULT,
        *,
        more: int = 0,
    ) -> None:
        super().__init__(display)
        self._workloads = tuple(workloads)
        self._sessions = tuple(sessions)
        self._problem = problem
        self._more = more

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return StartScreen(self._workloads, self._sessions, self._more)

    def on_start_screen_chosen(self, message: StartScreen.Chosen) -> None:
        """Leave with what was chosen, if it can be done; else say why it cannot."""
        problem = self._problem(message.choice.workloads) if message.choice.workloads else ""
        if problem:
            self.notify(problem, severity="warning")
        else:
            self.exit(message.choice)
