"""The knobs of a run in the middle of the screen: choose one, type its new value. It never acts itself."""

from __future__ import annotations

from collections.abc import Callable

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from app.text.values import typed
from app.ui.draw.labels import DASH
from app.ui.screens.question import Dialog, hung, words_room
from app.ui.screens.styles import style
from workloads.parameters import Parameter
from workloads.wire.frames import Value

ENDS = "enter sets it and begins a new measured window, esc changes nothing"
LONGEST_VALUE = 40
"""Characters; no knob has longer values."""


class KnobDialog(Dialog[tuple[str, Value] | None]):
    """Gives back a parameter and its new value, checked; None where nothing is to be changed."""

    def __init__(
        self, knobs: tuple[tuple[Parameter, Value | None], ...], check: Callable[[Parameter, str], Value]
    ) -> None:
        """`check` makes a value of a knob and what was typed, or raises ValueError."""
        super().__init__()
        self._knobs = knobs
        self._check = check
        self._box = KnobBox(knobs)

    def compose(self) -> ComposeResult:
        """One box."""
        yield self._box

    def on_key(self, event: events.Key) -> None:
        """What is typed, in its order: a binding would overtake the characters that came in one burst with it."""
        match event.key:
            case "up" | "shift+tab":
                self._box.move(-1)
            case "down" | "tab":
                self._box.move(1)
            case "backspace":
                self._box.erase()
            case "enter":
                self._set()
            case _ if event.character is not None and event.is_printable:
                self._box.type(event.character)
            case _:
                return
        event.stop()

    def _set(self) -> None:
        """Give the value back, or say what is wrong with it."""
        parameter, now = self._knobs[self._box.marked]
        try:
            value = self._check(parameter, self._box.typed)
        except ValueError as error:
            self._box.say(str(error))
            return
        if value == now:
            self._box.say(f"{parameter.name} is {value} already")
            return
        self.dismiss((parameter.name, value))


class KnobBox(Widget):
    """The knobs with their values, the marked one with what is typed, and what is wrong with that."""

    def __init__(self, knobs: tuple[tuple[Parameter, Value | None], ...]) -> None:
        super().__init__()
        self._knobs = knobs
        self._wrong = ""
        self.marked = 0
        self.typed = ""

    def type(self, character: str) -> None:
        """One more character."""
        self.typed = (self.typed + character)[:LONGEST_VALUE]
        self.say("")

    def erase(self) -> None:
        """One less."""
        self.typed = self.typed[:-1]
        self.say("")

    def move(self, by: int) -> None:
        """Mark another knob; what was typed was for the one before."""
        self.marked = (self.marked + by) % len(self._knobs)
        self.typed = ""
        self.say("")

    def say(self, wrong: str) -> None:
        """A line under the knobs."""
        self._wrong = wrong
        self.refresh(layout=True)

    def render(self) -> Text:
        """A line for each knob, the marked one with its new value, then what it is and what is allowed."""
        text = Text("Change while it runs", "bold")
        quiet = style("label") + Style(bold=False)
        names = max(len(parameter.name) for parameter, _ in self._knobs)
        values = max(len(_shown(value)) for _, value in self._knobs)
        text.append("\n")
        for number, (parameter, value) in enumerate(self._knobs):
            marked = number == self.marked
            line = f"\n {'▸' if marked else ' '} {parameter.name:<{names}}  {_shown(value):<{values}} "
            text.append(line, "bold" if marked else "not bold")
            if marked:
                text.append(" → ", quiet)
                text.append(f"{self.typed}", "bold")
                text.append(" ", "reverse")
        parameter, _ = self._knobs[self.marked]
        room = words_room(self.app.size.width)
        text.append(
            f"\n\n {hung(parameter.meaning, 1, room)}\n {hung(f'allowed: {parameter.allowed}', 1, room)}", quiet
        )
        if self._wrong:
            text.append(f"\n {hung(self._wrong, 1, room)}", style("warning"))
        text.append(f"\n\n {hung(ENDS, 1, room)}", quiet)
        return text


def _shown(value: Value | None) -> str:
    return DASH if value is None else typed(value)
