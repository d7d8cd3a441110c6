"""The help: every key, and every number on the screen with its unit, its source and its meaning.

Made from the table of commands, the table of gauges and the table of derived numbers; says nothing of its own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType

from app.ui.commands import COMMANDS
from app.ui.numbers import DERIVED, Number, gauge_numbers
from app.ui.screens.command_lines import command_lines
from app.ui.screens.styles import style
from app.ui.screens.text import FRAME_COLUMNS, TextScreen

WIDEST = 110
KEY_COLUMNS = 11


class HelpScreen(TextScreen):
    """Keys and numbers."""

    has_help = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1", "close", priority=True)]

    def __init__(self, own: Sequence[tuple[str, str]] = ()) -> None:
        """`own`: keys of the page that asks, each with its word."""
        super().__init__("Help")
        self._own = tuple(own)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for the new width."""
        self._body.put(tuple(help_lines(max(20, min(event.size.width - FRAME_COLUMNS, WIDEST)), self._own)))


def help_lines(width: int, own: Sequence[tuple[str, str]] = ()) -> Iterator[Text]:
    """The whole help, wrapped to `width` columns."""
    if own:
        yield _heading("Keys of this page")
        yield from (Text.assemble((f"{key:<{KEY_COLUMNS}}", style("key")), word) for key, word in own)
        yield Text()
    yield _heading("Keys of the live screen" if own else "Keys")
    yield from command_lines(COMMANDS, width, KEY_COLUMNS)
    yield Text()
    yield _heading("Numbers of the work")
    for number in DERIVED:
        yield from _number(number, width)
    yield Text()
    yield _heading("Readings of devices and host")
    yield from (Text(line, style("note")) for line in textwrap.wrap(_ABSENT, width))
    for number in gauge_numbers():
        yield from _number(number, width)


_ABSENT = "A reading that a device does not give is absent, never 0; the panel says why."


def _heading(text: str) -> Text:
    return Text(text, style("program"))


def _number(number: Number, width: int) -> Iterator[Text]:
    what = f"{number.unit} · {number.source}"
    if len(number.label) + 2 + len(what) <= width:
        yield Text.assemble((number.label, style("title")), (f"  {what}", style("label")))
    else:
        yield Text(number.label, style("title"))
        yield from (Text(f"  {line}", style("label")) for line in textwrap.wrap(what, width - 2))
    for line in textwrap.wrap(number.meaning, width - 2):
        yield Text(f"  {line}")
