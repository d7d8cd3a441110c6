"""The screen under every page: one thing that fills it, over a line of the keys that work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from app.ui.widgets.keys import KeyLine

Given = TypeVar("Given")
"""What it gives back when it is closed."""
Body = TypeVar("Body", bound=Widget)

HELP: Final = ("?", "help")


class PageScreen(Screen[Given | None], Generic[Given, Body], inherit_bindings=False):
    """A body, a line of keys, and the way back: the same keys on every page, and more where a page has more."""

    CSS_PATH = "page.tcss"
    has_help: ClassVar[bool] = True
    """A help itself has none."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c,ctrl+q", "close", priority=True),
        Binding("question_mark,f1", "help", priority=True),
    ]

    def __init__(self, body: Body, keys: Sequence[tuple[str, str]]) -> None:
        """`keys`: the way back, then what matters most: the last are left out where it is narrow."""
        super().__init__()
        self._body = body
        self._keys = tuple(keys)
        rest = tuple(entry for entry in keys[1:] if entry != HELP)
        self._line = KeyLine((*keys[:1], *((HELP,) if self.has_help else ()), *rest))

    def compose(self) -> ComposeResult:
        """The body over the keys, with a timeline between them where something is played."""
        yield self._body
        yield from self.timeline()
        yield self._line

    def timeline(self) -> ComposeResult:
        """Nothing; of what is played its row."""
        return ()

    def action_help(self) -> None:
        """Every key of this page, and every number."""
        from app.ui.screens.help import HelpScreen  # noqa: PLC0415 - the first picture does not wait for it

        self.app.push_screen(HelpScreen(self._keys))

    def action_close(self) -> None:
        """Back to the screen under it, with nothing."""
        self.dismiss(None)
