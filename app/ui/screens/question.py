"""A question in the middle of the screen, answered with one key or with arrows and enter. It never acts itself."""

from __future__ import annotations

from typing import ClassVar, TypeVar

import msgspec
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widget import Widget

from app.ui.screens.styles import style


class Option(msgspec.Struct, frozen=True):
    """One answer."""

    key: str
    """As Textual names it."""
    shown: str
    text: str
    meaning: str
    """What follows from it."""


Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], inherit_bindings=False):
    """What is asked of a running session: it loses its meaning with it."""

    CSS_PATH = "dialog.tcss"

    def action_cancel(self) -> None:
        """Give back what does no harm."""
        raise NotImplementedError


class Question(Dialog[str], inherit_bindings=False):
    """Asks, and gives back the chosen option's key. The last option is the harmless one: escape and ctrl+c mean it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,left,shift+tab", "move(-1)", priority=True),
        Binding("down,right,tab", "move(1)", priority=True),
        Binding("enter,space", "choose", priority=True),
        Binding("escape,ctrl+c,ctrl+q", "cancel", priority=True),
    ]

    def __init__(self, title: str, options: tuple[Option, ...], *, chosen: int = 0) -> None:
        super().__init__()
        self._title = title
        self._options = options
        self._box = OptionBox(title, options, chosen)
        for option in options[:-1]:
            self._bindings.bind(option.key, f"answer({option.key!r})", priority=True)

    def compose(self) -> ComposeResult:
        """One box."""
        yield self._box

    def action_answer(self, key: str) -> None:
        """The key of an option answers at once."""
        self.dismiss(key)

    def action_move(self, by: int) -> None:
        """Mark the next option."""
        self._box.move(by)

    def action_choose(self) -> None:
        """Answer with the marked option."""
        self.dismiss(self._options[self._box.marked].key)

    def action_cancel(self) -> None:
        """Answer with the harmless option."""
        self.dismiss(self._options[-1].key)


class OptionBox(Widget):
    """The question and its options, the marked one reversed."""

    def __init__(self, title: str, options: tuple[Option, ...], marked: int) -> None:
        super().__init__()
        self._title = title
        self._options = options
        self.marked = marked

    def move(self, by: int) -> None:
        """Mark another option."""
        self.marked = (self.marked + by) % len(self._options)
        self.refresh()

    def render(self) -> Text:
        """A line for the question, one for each option and what follows from it."""
        text = Text(self._title, "bold")
        width = max(len(option.text) for option in self._options)
        for number, option in enumerate(self._options):
            text.append("\n\n" if number == 0 else "\n")
            marked = number == self.marked
            text.append(f" {option.shown:>3}  {option.text:<{width}} ", "bold reverse" if marked else "not bold")
            text.append(f"  {option.meaning}", style("label") + Style(bold=False))
        return text
