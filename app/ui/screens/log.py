"""The log: what workloads, libraries and benchtop had to say, with times. It follows the end until one scrolls up."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from app.session.view import LogLine, View
from app.ui.screens.styles import style
from app.ui.screens.text import TextScreen
from workloads.wire.frames import Level

STYLES: dict[Level, str] = {"debug": "label", "info": "value", "warning": "warning", "error": "failure"}
ORIGIN_COLUMNS = 14


class LogScreen(TextScreen):
    """All lines that the view carries."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("l", "close")]

    def __init__(self, view: View) -> None:
        super().__init__()
        self._shown = view
        self._log: tuple[LogLine, ...] | None = None

    def on_mount(self) -> None:
        """Draw what is there already, and go to its end."""
        self.lines.border_title = "Log"
        self.show(self._shown)
        self.lines.focus()
        self.call_after_refresh(self.lines.scroll_end, animate=False)

    def show(self, view: View) -> None:
        """Take in new lines; stay at the end when the end was seen."""
        if view.log == self._log:
            return
        self._log = view.log
        lines = self.lines
        follow = lines.is_vertical_scroll_end
        lines.put([log_text(line, view.wall_offset_ns) for line in view.log] or [Text("nothing yet", style("note"))])
        if follow:
            lines.scroll_end(animate=False)


def log_text(line: LogLine, wall_offset_ns: int) -> Text:
    """`14:03:21.250  stdout         loss 0.31`, in the level's colour."""
    at = dt.datetime.fromtimestamp((line.at_ns + wall_offset_ns) / 1e9)
    text = Text(no_wrap=True)
    text.append(f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}  ", style("label"))
    text.append(f"{line.origin[:ORIGIN_COLUMNS]:<{ORIGIN_COLUMNS}}  ", style("device"))
    text.append(line.text, style(STYLES[line.level]))
    return text
