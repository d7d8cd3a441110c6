"""A question in the middle of the screen, answered with one key or with arrows and enter. It never acts itself."""

from __future__ import annotations

import textwrap
from typing import ClassVar, Final, TypeVar

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
    possible: bool = True
    """Else it only says why it is not."""
    answer: str = ""
    """What is given back, where that is not the key."""


Answer = TypeVar("Answer")

FRAME_COLUMNS: Final = 8
"""Border and padding of a box."""
WIDEST: Final = 0.9
"""Of the screen; as in dialog.tcss."""
FEWEST: Final = 16
"""Columns; narrower no words are wrapped."""


def words_room(columns: int) -> int:
    """Columns of words in a box on a screen of so many."""
    return int(columns * WIDEST) - FRAME_COLUMNS


def hung(words: str, indent: int, room: int) -> str:
    """Words that begin at a column of a box, and go on there in the next line where it is too narrow."""
    return f"\n{' ' * indent}".join(textwrap.wrap(words, max(FEWEST, room - indent)))


class Dialog(ModalScreen[Answer], inherit_bindings=False):
    """A box in the middle of the screen. Escape gives back what does no harm."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c,ctrl+q", "cancel", priority=True)]
    of_running: ClassVar[bool] = True
    """Whether it asks something of a session that goes on, and loses its meaning with it."""

    def action_cancel(self) -> None:
        """Give back nothing."""
        self.dismiss(None)


class Question(Dialog[str]):
    """Asks, and gives back the chosen option's answer. The last one is harmless: escape and ctrl+c mean it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,left,shift+tab", "move(-1)", priority=True),
        Binding("down,right,tab", "move(1)", priority=True),
        Binding("enter,space", "choose", priority=True),
    ]

    def __init__(self, title: str, options: tuple[Option, ...], *, chosen: int = 0, note: str = "") -> None:
        """`note` stands under the options."""
        super().__init__()
        self._title = title
        self._options = options
        self._box = OptionBox(title, options, chosen, note)
        for option in options[:-1]:
            if not option.possible:
                continue
            self._bindings.bind(option.key, f"answer({(option.answer or option.key)!r})", priority=True)

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
        option = self._options[self._box.marked]
        self.dismiss(option.answer or option.key)

    def action_cancel(self) -> None:
        """Answer with the harmless option."""
        self.dismiss(self._options[-1].key)


class OptionBox(Widget):
    """The question and its options, the marked one reversed."""

    def __init__(self, title: str, options: tuple[Option, ...], marked: int, note: str = "") -> None:
        super().__init__()
        self._note = note
        self._title = title
        self._options = options
        self.marked = marked

    def move(self, by: int) -> None:
        """Mark another option, of those that can be chosen."""
        step = 1 if by > 0 else -1
        self.marked = (self.marked + by) % len(self._options)
        while not self._options[self.marked].possible:
            self.marked = (self.marked + step) % len(self._options)
        self.refresh()

    def render(self) -> Text:
        """A line for the question, one for each option and what follows from it."""
        text = Text(self._title, "bold")
        width = max(len(option.text) for option in self._options)
        room = words_room(self.app.size.width)
        quiet = style("label") + Style(bold=False)
        for number, option in enumerate(self._options):
            text.append("\n\n" if number == 0 else "\n")
            marked = number == self.marked
            how = Style(bold=marked, reverse=marked) if option.possible else quiet
            head = f" {option.shown:>3}  {option.text:<{width}} "
            text.append(head, how)
            text.append(f"  {hung(option.meaning, len(head) + 2, room)}", quiet)
        if self._note:
            text.append(f"\n\n {hung(self._note, 1, room)}", quiet)
        return text
