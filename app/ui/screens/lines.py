"""Lines that are there only at times: the panels' names, how large a terminal must be, and how the session ended.

They are told what to say and never look at a session.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.widget import Widget

from app.ui.layout import SMALLEST


class TabLine(Widget):
    """The panels' names, the shown one marked."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = tuple(names)
        self._chosen = 0

    def choose(self, number: int) -> None:
        """Another panel is shown."""
        if number != self._chosen:
            self._chosen = number
            self.refresh()

    def render(self) -> Text:
        """` device  MEMORY  throughput  time `, the chosen one reversed."""
        line = Text(no_wrap=True)
        for number, name in enumerate(self._names):
            line.append(f" {name.capitalize()} ", "reverse bold" if number == self._chosen else "")
            line.append(" ")
        line.append(" tab ▸", "dim")
        return line


class EndLine(Widget):
    """What became of a session that is over; not there before."""

    def __init__(self) -> None:
        super().__init__()
        self._words = Text()

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.plain

    def say(self, words: Text) -> None:
        """Say it, from now on."""
        if words != self._words:
            self._words = words
            self.display = bool(words)
            self.refresh()

    def render(self) -> Text:
        """The words."""
        return self._words


class TooSmallLine(Widget):
    """What to do when nothing fits."""

    def render(self) -> Text:
        """The size that is and the size that is needed."""
        columns, rows = SMALLEST
        return Text(f"{self.app.size.width}×{self.app.size.height} is too small: benchtop needs {columns}×{rows}")
