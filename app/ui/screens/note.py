"""An editor for the note of a session. It never writes a file."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.markup import escape
from textual.widgets import TextArea

from app.ui.screens.question import Dialog
from app.ui.widgets.keys import KeyLine

KEYS = (("^s", "save"), ("esc", "leave it as it was"))
UNSAVED = "not saved: ctrl+s saves it, esc again drops what was changed"


class NoteDialog(Dialog[str | None]):
    """Gives back the text that is to be kept; None where nothing is to be changed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "save", priority=True)]

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        self._before = text
        self._warned = False
        self._area = TextArea(text, show_line_numbers=False, tab_behavior="indent")
        self._area.border_title = escape(f"Note of {name}")

    def compose(self) -> ComposeResult:
        """The text over the keys."""
        with Vertical(id="note"):
            yield self._area
            yield KeyLine(KEYS)

    def on_mount(self) -> None:
        """Go on at the end."""
        self._area.focus()
        self._area.move_cursor(self._area.document.end)

    def action_save(self) -> None:
        """Give the text back."""
        self.dismiss(self._area.text)

    def action_cancel(self) -> None:
        """Leave; what was changed is not dropped by one key."""
        if self._area.text == self._before or self._warned:
            self.dismiss(None)
            return
        self._warned = True
        self.notify(UNSAVED, severity="warning")
