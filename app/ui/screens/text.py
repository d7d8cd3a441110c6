"""A screen of text that scrolls, for the log and the help. It never changes what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from app.ui.screens.page import PageScreen

FRAME_COLUMNS = 6
"""Border, padding and scroll bar."""

KEYS = (("esc", "back"), ("↑↓", "scroll"), ("home/end", "start, end"))


class TextLines(ScrollView, can_focus=True):
    """Lines of styled text, drawn one by one, so that only what is seen costs anything."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.border_title = title
        self._text_lines: Sequence[Text] = ()

    @property
    def line_texts(self) -> tuple[str, ...]:
        """The lines without their styles."""
        return tuple(line.plain for line in self._text_lines)

    def put(self, lines: Sequence[Text]) -> None:
        """Other lines in the place of the old ones."""
        self._text_lines = lines
        self.virtual_size = Size(self.size.width, len(lines))
        self.refresh()

    def see(self, number: int) -> None:
        """Scroll as little as shows the line."""
        top, height = self.scroll_offset.y, self.size.height
        if number < top:
            self.scroll_to(y=number, animate=False)
        elif height and number >= top + height:
            self.scroll_to(y=number - height + 1, animate=False)

    def render_line(self, y: int) -> Strip:
        """The line that is at row `y` of the window."""
        number = y + self.scroll_offset.y
        width = self.size.width
        style = self.rich_style
        if number >= len(self._text_lines):
            return Strip.blank(width, style)
        line = self._text_lines[number]
        return Strip(line.render(self.app.console, end="")).crop_extend(0, width, style).apply_style(style)


class TextScreen(PageScreen[None, TextLines]):
    """Lines, and the way back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "close", priority=True)]

    def __init__(self, title: str) -> None:
        super().__init__(TextLines(title), KEYS)

    def on_mount(self) -> None:
        """Take the keys."""
        self._body.focus()
