"""The terminal's driver: Textual's own, but that the end of the terminal's input counts as a hangup.

Textual 8.2 reads on after end of file and spins; a read error it takes for a crash. Both mean that
the terminal is gone. It also draws on stderr, which people send elsewhere; this one draws on stdout.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
from codecs import getincrementaldecoder
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from app.ui.terminal.lean import LeanApp
from app.ui.terminal.mouse import CLICKS_AND_DRAGS, NO_DRAGS
from app.ui.terminal.plain import PLAIN
from app.ui.terminal.skeleton import ENTER, FIRST_PICTURE

POLL_S = 0.1
"""How often a parser that waits for the rest of an escape sequence is asked."""


class TerminalDriver(LinuxDriver):
    """Input and output of the terminal that the viewer was started on."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self._file = sys.__stdout__
        self._plain = self._app.chosen_display.ascii_only if isinstance(self._app, LeanApp) else False
        self._entered = False
        self.bytes_written = FIRST_PICTURE.size
        """To the terminal, so far."""

    def start_application_mode(self) -> None:
        """Take the terminal, from the shell or from the first picture, which has entered its screen already."""
        self._entered = FIRST_PICTURE.up
        modes = FIRST_PICTURE.hand_over()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._entered = False
        self.attrs_before = modes or self.attrs_before

    def write(self, data: str) -> None:
        """Queue it for the terminal. Entering a screen twice would lose where the shell's cursor was."""
        if not (self._entered and data == ENTER):
            text = data.translate(PLAIN) if self._plain else data
            self.bytes_written += len(text.encode())
            super().write(text)

    def _enable_mouse_support(self) -> None:
        """Clicks and drags."""
        if self._mouse:
            self.write(CLICKS_AND_DRAGS)

    def _disable_mouse_support(self) -> None:
        """All that was asked for."""
        if self._mouse:
            self.write(NO_DRAGS)
        super()._disable_mouse_support()

    def _query_in_band_window_resize(self) -> None:
        """The signal is enough; some terminals print a part of this question."""

    @property
    def backlog(self) -> int:
        """Writes that the terminal has not taken yet."""
        return self._writer_thread._queue.qsize() if self._writer_thread is not None else 0  # noqa: SLF001

    @property
    def size(self) -> Size:
        """Columns and rows of the terminal at this moment."""
        return Size(*self._get_terminal_size())

    def _get_terminal_size(self) -> tuple[int, int]:
        """Columns and rows of the terminal itself; exported COLUMNS and LINES do not follow when it is resized."""
        try:
            columns, rows = os.get_terminal_size(self.fileno)
        except OSError:
            return super()._get_terminal_size()
        return (columns, rows) if columns and rows else super()._get_terminal_size()

    def run_input_thread(self) -> None:
        """Turn what is typed into messages until told to stop, or until the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(POLL_S):
                    data = self._read()
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)
                        return
                    # The parser takes an empty text for the end; part of a character decodes to one.
                    if text := decode(data):
                        for message in parser.feed(text):
                            self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing at the end, which a terminal that is gone tells with an error."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""
