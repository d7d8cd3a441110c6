"""A browser as the terminal: Textual's driver for textual-serve, but that a page which is gone counts as a hangup."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from functools import partial
from typing import Any

from textual import events
from textual.drivers.web_driver import WebDriver

from app.ui.terminal.lean import LeanApp
from app.ui.terminal.mouse import CLICKS_AND_DRAGS
from app.ui.terminal.plain import PLAIN

EVERY_MOVEMENT = "\x1b[?1003h"


class BrowserDriver(WebDriver):
    """Input and output of one page."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.bytes_written = 0
        """To the page, so far."""
        self._pipe, self._write = self._write, partial(self._say)
        self._plain = self._app.chosen_display.ascii_only if isinstance(self._app, LeanApp) else False

    def start_application_mode(self) -> None:
        """Begin, with the focus, which Textual would give only once the page was clicked, and with our own signals."""
        ours = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        super().start_application_mode()
        for number, handler in ours.items():
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, handler)
        self._app.call_later(self._app.post_message, events.AppFocus())

    def write(self, data: str) -> None:
        """Send it to the page while there is one. It is not asked to tell of every movement of the mouse."""
        if data != EVERY_MOVEMENT:
            super().write(data.translate(PLAIN) if self._plain else data)

    def _say(self, data: bytes) -> int:
        """To the server; nobody hears it once that is gone, which the end of its input tells."""
        self.bytes_written += len(data)
        with contextlib.suppress(BrokenPipeError):
            return self._pipe(data)
        return len(data)

    def _enable_mouse_support(self) -> None:
        """Clicks and drags, as on a terminal."""
        if self._mouse:
            self.write(CLICKS_AND_DRAGS)

    def run_input_thread(self) -> None:
        """Turn what is typed into messages until told to stop, or until the server is gone."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            os.kill(os.getpid(), signal.SIGHUP)
