"""Sends the terminal only the cells that differ, and never more frames than it takes.

Textual sends whole rows of what may have changed, and queues them. Over a slow line that becomes a
backlog that every key waits behind. Here a frame is sent once the terminal has answered a question that
followed the one before; what changes meanwhile is sent together. Rests on a private method of Textual 8.2,
which is why BENCHTOP_LEAN=0 turns all of it off.
"""

from __future__ import annotations

import os
import time
from typing import Any

from rich.console import COLOR_SYSTEMS, RenderableType
from textual import events, messages
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from app.ui.terminal.cells import Cells

ASK = "\x1b[?2026$p"
"""DECRQM: harmless, and answered by every terminal that knows it once it has read what came before."""

PATIENCE_S = 5.0
"""A terminal that has not answered for so long is sent the next frame anyway."""

RETRY_S = 0.05
SWITCH = "BENCHTOP_LEAN"


class LeanApp(App[Any], inherit_bindings=False):
    """An app that knows what the terminal shows."""

    def __init__(self) -> None:
        # Said before the theme is chosen: by this Textual decides how NO_COLOR is honoured.
        super().__init__(ansi_color=True)
        self._lean = os.environ.get(SWITCH) != "0"
        self._cells: Cells | None = None
        self._answers = False
        """Whether the terminal ever answered; one that does not is not asked."""
        self._asked_at: float | None = None
        self._held = False

    async def on_event(self, event: events.Event) -> None:
        """After a resize nobody knows what the terminal shows, even if it has its old size again."""
        if isinstance(event, events.Resize):
            self.forget()
        await super().on_event(event)

    def forget(self) -> None:
        """Send everything anew: the terminal may show anything."""
        self._cells = None
        if self._screen_stack:
            self.refresh()

    def on_driver_signal_resume(self, _message: Driver.SignalResume) -> None:
        """The shell had the terminal meanwhile."""
        self.forget()

    def on_terminal_supports_synchronized_output(self, _message: messages.TerminalSupportsSynchronizedOutput) -> None:
        """The terminal has read everything up to the last question."""
        self._answers = True
        self._asked_at = None
        self._send()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if not self._lean or driver is None or self.is_headless or self.is_inline:
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
            self._cells = Cells(size.width, size.height, COLOR_SYSTEMS[name] if name else None)
            whole = screen._compositor.render_update(full=True, screen_stack=self._background_screens)  # noqa: SLF001
            renderable = whole if whole is not None else renderable
        if isinstance(renderable, LayoutUpdate):
            _put_layout(self._cells, renderable)
        elif isinstance(renderable, ChopsUpdate):
            _put_chops(self._cells, renderable)

    def _send(self) -> None:
        """Send what differs, if the terminal keeps up; else once it does."""
        driver = self._driver
        if self._cells is None or driver is None or self._batch_count or self._closed:
            return
        if self._behind():
            if not self._held:
                self._held = True
                self.set_timer(RETRY_S, self._retry)
            return
        change = self._cells.change()
        if not change:
            return
        begin, end = ("\x1b[?2026h", "\x1b[?2026l") if self._sync_available else ("", "")
        if self._answers:
            self._asked_at = time.monotonic()
        driver.write(f"{begin}{change}{end}{ASK if self._answers else ''}")
        driver.flush()

    def _retry(self) -> None:
        self._held = False
        self._send()

    def _behind(self) -> bool:
        """Whether an earlier frame is still on its way."""
        if getattr(self._driver, "backlog", 0):
            return True
        return self._asked_at is not None and time.monotonic() - self._asked_at < PATIENCE_S


def _put_layout(cells: Cells, update: LayoutUpdate) -> None:
    for y, strips in enumerate(update.strips, update.region.y):
        cells.put(update.region.x, y, [segment for strip in strips for segment in strip])


def _put_chops(cells: Cells, update: ChopsUpdate) -> None:
    """Only what the spans cover is drawn; the rest of a strip may be of another widget."""
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= right and end > left:
                cells.put(x, y, strip.crop(0, min(end, right) - x) if end > right else strip)
