"""What a terminal shows after the very bytes that were sent to it, and what it should show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyte
from rich.color import ColorSystem
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import CursorPosition

from app.ui import app as viewer_file
from app.ui.app import Viewer
from app.ui.terminal.lean import ASK


class Wire(HeadlessDriver):
    """A driver that is taken for a real one and keeps what is written."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.sent: list[str] = []
        self.backlog = 0
        """Set it to play a terminal that does not take what is written."""
        self.answers = True
        """Unset it to play a terminal that takes everything and answers nothing."""

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.sent.append(data)
        if self.answers and data.endswith(ASK):
            self.answer()

    def answer(self) -> None:
        """Say where the cursor is, as a terminal does that has read everything."""
        self._app.post_message(CursorPosition(0, 0))


class WiredViewer(Viewer):
    """The real viewer, writing to memory."""

    CSS_PATH = str(Path(viewer_file.__file__).parent / "screens" / "live.tcss")
    """A relative one would be looked for beside this file."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        # As on the terminals of nearly everybody, whatever the tests run on.
        self.console._color_system = ColorSystem.EIGHT_BIT

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Wire:
        self._driver = self.wire = Wire(self, size=size)
        return self.wire


Picture = list[tuple[tuple[Any, ...], ...]]


def picture(screen: pyte.Screen) -> Picture:
    """Every cell with its colours."""
    return [tuple(tuple(screen.buffer[y][x]) for x in range(screen.columns)) for y in range(screen.lines)]


def fed(sent: str, columns: int, rows: int) -> pyte.Screen:
    """A terminal after these bytes."""
    screen = pyte.Screen(columns, rows)
    screen.reset_mode(pyte.modes.DECAWM)
    pyte.Stream(screen).feed(sent.replace(ASK, ""))
    return screen


def expected(app: App[Any]) -> Picture:
    """The screen drawn whole, in Textual's own way."""
    width, height = app.size
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    return picture(fed(update.render_segments(app.console), width, height))  # type: ignore[union-attr]
