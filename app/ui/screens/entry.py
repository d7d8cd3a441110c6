"""One line that is typed in the middle of the screen. It checks what was typed, and never acts itself."""

from __future__ import annotations

from collections.abc import Callable

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from app.session.plain import plain
from app.ui.screens.question import Dialog, hung, words_room
from app.ui.screens.styles import style
from app.ui.typed_line import typed_on

LONGEST = 400
"""Characters."""


class EntryDialog(Dialog[str | None]):
    """Gives back what was typed, once it is sound; None where nothing is to be changed."""

    def __init__(self, title: str, typed: str, hint: str, check: Callable[[str], object]) -> None:
        """`typed` is there already; `check` raises ValueError for what cannot be."""
        super().__init__()
        self._check = check
        self._box = EntryBox(title, typed, hint)

    def compose(self) -> ComposeResult:
        """One box."""
        yield self._box

    def on_key(self, event: events.Key) -> None:
        """What is typed, in its order: a binding would overtake the characters that came in one burst with it."""
        match event.key:
            case "enter":
                self._take()
            case _ if (typed := typed_on(self._box.typed, event)) is not None:
                self._box.put(typed)
            case _:
                return
        event.stop()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed, in one line."""
        self._box.put(self._box.typed + plain(" ".join(event.text.split())))

    def _take(self) -> None:
        try:
            self._check(self._box.typed)
        except ValueError as error:
            self._box.say(str(error))
            return
        self.dismiss(self._box.typed)


class EntryBox(Widget):
    """What is asked for, what is typed, and what is wrong with it."""

    def __init__(self, title: str, typed: str, hint: str) -> None:
        super().__init__()
        self._title, self._hint, self._wrong = title, hint, ""
        self.typed = typed[:LONGEST]

    def put(self, typed: str) -> None:
        """What is typed from now on."""
        self.typed = typed[:LONGEST]
        self.say("")

    def say(self, wrong: str) -> None:
        """A line under it."""
        self._wrong = wrong
        self.refresh(layout=True)

    def render(self) -> Text:
        """The line that is typed between what is asked for and what may be typed."""
        quiet = style("label") + Style(bold=False)
        room = words_room(self.app.size.width)
        text = Text(self._title, "bold")
        text.append("\n\n ")
        text.append(self.typed, "not bold")
        text.append(" ", "reverse")
        if self._wrong:
            text.append(f"\n\n {hung(plain(self._wrong), 1, room)}", style("warning"))
        text.append(f"\n\n {hung(self._hint, 1, room)}\n enter takes it, esc changes nothing", quiet)
        return text
