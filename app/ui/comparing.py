"""The app of the compare screen: it shows a comparison that is ready, and computes nothing."""

from __future__ import annotations

from pathlib import Path

from textual.screen import Screen

from app.session.results.comparison import Comparison
from app.ui.display import DEFAULT, Display
from app.ui.screens.compare import CompareScreen
from app.ui.terminal.crash import QuietApp
from app.ui.terminal.run import run_on_terminal


def show_comparison(comparison: Comparison, home: Path, display: Display) -> None:
    """Until the person leaves. `home` is where a traceback goes if the screen fails. Raises ViewerCrashed."""
    run_on_terminal(Comparing(comparison, display), home)


class Comparing(QuietApp, inherit_bindings=False):
    """The Textual app around the compare screen."""

    TITLE = "benchtop"
    CSS_PATH = "screens/page.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, comparison: Comparison, display: Display = DEFAULT) -> None:
        super().__init__(display)
        self._comparison = comparison

    def get_default_screen(self) -> Screen[None]:
        """The one screen."""
        return CompareScreen(self._comparison)
