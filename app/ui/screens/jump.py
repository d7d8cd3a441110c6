"""Where to: a time that is typed, or a run, mark or verdict of a list. It never jumps itself."""

from __future__ import annotations

from collections.abc import Callable

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget

from app.session.playing.jumps import EXAMPLES, is_time
from app.session.playing.outline import Sign, next_sign
from app.session.playing.played import Played
from app.ui.draw.timeline import SIGNS, position_text
from app.ui.screens.question import Dialog, hung, words_room
from app.ui.screens.styles import style

FINDS = "a part of a name finds runs, phases, marks and verdicts; ↑↓ chooses"
LONGEST = 40
SHOWN = 8
"""Signs that are listed at once."""


class JumpDialog(Dialog[int | None]):
    """Gives back an instant; None where one stays."""

    of_running = False

    def __init__(self, played: Played, read: Callable[[str], int]) -> None:
        """`read` makes an instant of what was typed, or raises ValueError."""
        super().__init__()
        self._read = read
        self._box = JumpBox(played)

    def compose(self) -> ComposeResult:
        """One box."""
        yield self._box

    def on_key(self, event: events.Key) -> None:
        """What is typed, in its order."""
        match event.key:
            case "up" | "shift+tab":
                self._box.move(-1)
            case "down" | "tab":
                self._box.move(1)
            case "pageup":
                self._box.move(-SHOWN)
            case "pagedown":
                self._box.move(SHOWN)
            case "backspace":
                self._box.erase()
            case "enter":
                self._go()
            case _ if event.character is not None and event.is_printable:
                self._box.type(event.character)
            case _:
                return
        event.stop()

    def _go(self) -> None:
        if not is_time(self._box.typed):
            if (chosen := self._box.chosen) is not None:
                self.dismiss(chosen.at_ns)
            return
        try:
            self.dismiss(self._read(self._box.typed))
        except ValueError as error:
            self._box.say(str(error))


class JumpBox(Widget):
    """What is typed over the signs that it fits, one of them marked."""

    def __init__(self, played: Played) -> None:
        super().__init__()
        self._all = played.outline.signs
        self._began_ns, self._length_ns = played.began_ns, played.ended_ns - played.began_ns
        self._wrong = ""
        self.typed = ""
        after = next_sign(self._all, played.at_ns, 1)
        self._marked = self._all.index(after) if after is not None else max(0, len(self._all) - 1)

    @property
    def chosen(self) -> Sign | None:
        """The marked one; None: none is listed."""
        found = self._found()
        return found[min(self._marked, len(found) - 1)] if found else None

    def type(self, character: str) -> None:
        """One more character."""
        self.typed = (self.typed + character)[:LONGEST]
        self._typed_anew()

    def erase(self) -> None:
        """One less."""
        self.typed = self.typed[:-1]
        self._typed_anew()

    def move(self, by: int) -> None:
        """Mark another one."""
        self._marked = max(0, min(len(self._found()) - 1, min(self._marked, len(self._found()) - 1) + by))
        self.say("")

    def say(self, wrong: str) -> None:
        """A line under them."""
        self._wrong = wrong
        self.refresh(layout=True)

    def render(self) -> Text:
        """The line that is typed, the signs, and what may be typed."""
        quiet = style("label") + Style(bold=False)
        room = words_room(self.app.size.width)
        text = Text("Jump to ", "bold")
        text.append(self.typed, "bold")
        text.append(" ", "reverse")
        found = self._found()
        marked = min(self._marked, len(found) - 1)
        first = max(0, min(marked - SHOWN // 2, len(found) - SHOWN))
        text.append("\n")
        for number in range(first, min(first + SHOWN, len(found))):
            self._append(text, found[number], marked=number == marked, quiet=quiet)
        if len(found) > SHOWN:
            text.append(f"\n   {marked + 1} of {len(found)}", quiet)
        elif not found:
            text.append("\n   nothing is called so" if self.typed and not is_time(self.typed) else "", quiet)
        if self._wrong:
            text.append(f"\n\n {hung(self._wrong, 1, room)}", style("warning"))
        text.append(f"\n\n {hung(f'a time: {EXAMPLES}', 1, room)}\n {hung(FINDS, 1, room)}", quiet)
        return text

    def _append(self, text: Text, sign: Sign, *, marked: bool, quiet: Style) -> None:
        character, name = SIGNS[sign.kind]
        chosen = marked and not is_time(self.typed)
        text.append(
            f"\n {'▸' if chosen else ' '} {position_text(sign.at_ns - self._began_ns, self._length_ns)} ", quiet
        )
        text.append(f"{character} ", style(name))
        text.append(f"{sign.text[:LONGEST]:<{LONGEST}}", "bold" if chosen else "not bold")
        text.append(f" {sign.kind}", quiet)

    def _found(self) -> tuple[Sign, ...]:
        if not self.typed or is_time(self.typed):
            return self._all
        words = self.typed.lower().split()
        return tuple(sign for sign in self._all if all(word in f"{sign.text} {sign.kind}".lower() for word in words))

    def _typed_anew(self) -> None:
        if not is_time(self.typed):
            self._marked = 0
        self.say("")
