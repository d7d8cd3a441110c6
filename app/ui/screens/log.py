"""The log: what workloads, libraries and benchtop had to say, with times. It follows the end until one scrolls up."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType

from app.session.live.view import LogLine, View
from app.ui.draw.clock import instant_text
from app.ui.screens.styles import style
from app.ui.screens.text import FRAME_COLUMNS, TextScreen
from app.ui.screens.timed import TIMED, TimedPage
from workloads.wire.frames import Level

STYLES: dict[Level, str] = {"debug": "label", "info": "value", "warning": "warning", "error": "failure"}
TIME_COLUMNS, ORIGIN_COLUMNS = 12, 14
GAP = 2


class LogScreen(TimedPage, TextScreen):
    """All lines that the view carries, wrapped."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("l", "close", priority=True), *TIMED]

    def __init__(self, view: View) -> None:
        super().__init__("Log")
        self._shown = view
        self._width = 0

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for the new width, at the end."""
        self._width = event.size.width - FRAME_COLUMNS
        self._put()
        self.call_after_refresh(self._body.scroll_end, animate=False)

    def show(self, view: View) -> None:
        """Take in new lines; stay at the end when the end was seen."""
        if view.log == self._shown.log:
            return
        self._shown = view
        follow = self._body.is_vertical_scroll_end
        self._put()
        if follow:
            self._body.scroll_end(animate=False)

    def _put(self) -> None:
        texts = [text for line in self._shown.log for text in log_texts(self._shown, line, self._width)]
        self._body.put(texts or [Text("nothing yet", style("note"))])


def log_texts(view: View, line: LogLine, width: int) -> list[Text]:
    """`14:03:21.250  stdout          loss 0.31`, in the level's colour; what is too long goes on below."""
    time = instant_text(view, line.at_ns, None)
    head = Text(no_wrap=True)
    head.append(f"{time:<{TIME_COLUMNS + GAP}}", style("label"))
    head.append(f"{line.origin[:ORIGIN_COLUMNS]:<{ORIGIN_COLUMNS + GAP}}", style("device"))
    indent = Text(" " * head.cell_len)
    pieces = textwrap.wrap(line.text, max(20, width - head.cell_len), drop_whitespace=False) or [""]
    name = style(STYLES[line.level])
    return [Text.assemble(indent if number else head, (piece, name)) for number, piece in enumerate(pieces)]
