"""Sends the terminal only the cells that differ, and never more frames than it takes.

Textual sends whole rows of what may have changed, and queues them. Over a slow line that becomes a
backlog that every key waits behind. Here a frame is sent once the terminal has answered a question that
followed the one before; what changes meanwhile is sent together, small updates before large ones. Rests on a
private method of Textual 8.2. `Display.diff` False takes nothing for shown, should a terminal and this file disagree.
"""

from __future__ import annotations

import time
from typing import Any

from rich.console import COLOR_SYSTEMS, RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from app.ui.display import Display
from app.ui.terminal.cells import Cells
from app.ui.terminal.pace import Pace

ASK = "\x1b[6n"
"""CPR: where is the cursor? Every terminal answers, once it has read what came before; the answer itself is nothing."""

LARGE = 512
"""Bytes from which on a frame is bracketed, so that it is not seen half drawn."""

RETRY_S = 0.05


class LeanApp(App[Any], inherit_bindings=False):
    """An app that knows what the terminal shows."""

    def __init__(self, display: Display) -> None:
        # Said before the theme is chosen: by this Textual decides how NO_COLOR is honoured.
        super().__init__(ansi_color=True)
        self.chosen_display = display
        """As the person chose it."""
        self._cells: Cells | None = None
        self.pace = Pace()
        """What is known of the line."""
        self._held = False

    async def on_event(self, event: events.Event) -> None:
        """After a resize nobody knows what the terminal shows, even if it has its old size again.

        Textual reads the size in the signal's handler, which a second signal may interrupt: the older size
        then comes last. So the size is read again here, where nothing interrupts.
        """
        if isinstance(event, events.Resize):
            self.forget()
            size = getattr(self._driver, "size", event.size)
            event = events.Resize(size, size)
        await super().on_event(event)

    def forget(self) -> None:
        """Send everything anew: the terminal may show anything."""
        self._cells = None
        if self._screen_stack:
            self.refresh()

    def on_driver_signal_resume(self, _message: Driver.SignalResume) -> None:
        """The shell had the terminal meanwhile."""
        self.forget()

    def on_cursor_position(self, _event: events.CursorPosition) -> None:
        """The terminal has read everything up to the last question."""
        self.pace.answered(time.monotonic())
        self._send()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if self._driver is None or self.is_headless or self.is_inline:
            super()._display(screen, renderable)
            return
        try:
            if self._batch_count or not self._running or self._closed or renderable is None:
                return
            self._want(screen, renderable)
            self._send()
        finally:
            self.post_display_hook()

    def _want(self, screen: Screen[Any], renderable: RenderableType) -> None:
        """Take an update into the wanted picture; into an unknown one a whole screen."""
        size = screen.size
        if self._cells is None or (self._cells.width, self._cells.height) != size:
            name = self.console.color_system
            colours = COLOR_SYSTEMS[name] if name else None
            self._cells = Cells(size.width, size.height, colours, diff=self.chosen_display.diff)
            whole = screen._compositor.render_update(full=True, screen_stack=self._background_screens)  # noqa: SLF001
            renderable = whole if whole is not None else renderable
        self._cells.begin()
        if isinstance(renderable, LayoutUpdate):
            _put_layout(self._cells, renderable)
        elif isinstance(renderable, ChopsUpdate):
            _put_chops(self._cells, renderable)

    def _send(self) -> None:
        """Send what differs, if the terminal keeps up; else once it does."""
        driver, cells = self._driver, self._cells
        if cells is None or driver is None or self._batch_count or self._closed or not cells.pending:
            return
        now = time.monotonic()
        if getattr(driver, "backlog", 0) or self.pace.waits(now):
            if not self._held:
                self._held = True
                self.set_timer(RETRY_S, self._retry)
            return
        change = cells.change(self.pace.most)
        if not change:
            return
        size = len(change.encode())
        begin, end = ("\x1b[?2026h", "\x1b[?2026l") if self._sync_available and size >= LARGE else ("", "")
        asked = self.pace.sent(size, now)
        driver.write(f"{begin}{change}{end}{ASK if asked else ''}")
        driver.flush()

    def _retry(self) -> None:
        self._held = False
        self._send()


def _put_layout(cells: Cells, update: LayoutUpdate) -> None:
    for y, strips in enumerate(update.strips, update.region.y):
        cells.put(update.region.x, y, [segment for strip in strips for segment in strip])


def _put_chops(cells: Cells, update: ChopsUpdate) -> None:
    """Only what the spans cover is drawn; the rest of a strip may be of another widget."""
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= right and end > left:
                first, last = max(x, left), min(end, right)
                cells.put(first, y, strip.crop(first - x, last - x) if first > x or last < end else strip)
