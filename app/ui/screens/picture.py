"""The screen under every picture that one opens from the live screen: it goes on with the session till it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.screen import Screen

from app.session.view import View
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.picture import Picture

Shown = TypeVar("Shown", bound=Picture)

Stretch = tuple[int, int]
"""From one instant to another of the host's clock."""


class PictureScreen(Screen[Stretch | None], Generic[Shown], inherit_bindings=False):
    """A picture, and the way back. It may give back the stretch of time to hold charts at; None: nothing."""

    CSS_PATH = "picture.tcss"

    def __init__(self, panel: Shown, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._panel = panel
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The picture over the keys."""
        yield self._panel
        yield KeyLine(self._keys)

    def show(self, view: View) -> None:
        """Draw this instant."""
        self._panel.show(view)

    def action_close(self) -> None:
        """Back to the live screen."""
        self.dismiss(None)
