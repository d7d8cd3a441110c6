"""Leaving the terminal whole when a signal ends the viewer, which Textual 8.2 does not.

A signal asks the app to leave by its ordinary way; if that way is blocked, as it is when the terminal
takes no more output, the terminal is put right from here and the process ends. Touches no session.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
"""ctrl+c is a key here; this SIGINT comes from elsewhere."""

PATIENCE_S = 1.0
"""How long the ordinary way may take."""

RESTORE = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # mouse
    b"\x1b[?2004l\x1b[?2048l\x1b[?1004l\x1b[?2026l"  # paste, resize and focus reports, synchronised output
    b"\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"  # wrapping, colours, the shell's screen, the cursor
)


@contextlib.contextmanager
def leaving_whole(leave: Callable[[], None]) -> Iterator[None]:
    """While the block lasts, SIGNALS call `leave`, and end the process if that does not help in time."""
    modes = _modes()

    def asked(number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGALRM, lambda *_: _end(number, modes))
        signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
        leave()

    before = {number: signal.signal(number, asked) for number in SIGNALS}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _modes() -> list[Any] | None:
    """How the terminal was set, to set it so again."""
    try:
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ is not None else None
    except (termios.error, OSError):
        return None


def _end(number: int, modes: list[Any] | None) -> NoReturn:
    """Put the terminal right without waiting for it, and end."""
    out = sys.__stdout__.fileno() if sys.__stdout__ is not None else 1
    with contextlib.suppress(OSError, termios.error):
        os.set_blocking(out, False)
        os.write(out, RESTORE)
    with contextlib.suppress(OSError, termios.error):
        os.set_blocking(out, True)
        if modes is not None and sys.__stdin__ is not None:
            termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, modes)
    os._exit(128 + number)
