"""The screen under every page: one thing that fills it, over a line of the keys that work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from app.ui.widgets.keys import KeyLine

Given = TypeVar("Given")
"""What it gives back when it is closed."""
Body = TypeVar("Body", bound=Widget)


class PageScreen(Screen[Given | None], Generic[Given, Body], inherit_bindings=False):
    """A body, a line of keys, and the way back: the same keys on every page, and more where a page has more."""

    CSS_PATH = "page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,ctrl+c,ctrl+q", "close", priority=True)]

    def __init__(self, body: Body, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._body = body
        self._line = KeyLine(keys)

    def compose(self) -> ComposeResult:
        """The body over the keys, with a timeline between them where something is played."""
        yield self._body
        yield from self.timeline()
        yield self._line

    def timeline(self) -> ComposeResult:
        """Nothing; of what is played its row."""
        return ()

    def action_close(self) -> None:
        """Back to the screen under it, with nothing."""
        self.dismiss(None)
