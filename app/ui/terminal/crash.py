"""The last screen: an exception in the app becomes one line for the person and a file for whoever repairs it.

One of the two borders at which every exception is caught. Never shows a traceback on a terminal.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from textual.notifications import SeverityLevel

from app.ui.display import Display
from app.ui.terminal.lean import LeanApp

FILE = "viewer-crash.txt"


class ViewerCrashed(ValueError):
    """The screen failed; the message is one line for the user. The session is not touched by it."""


class QuietApp(LeanApp, inherit_bindings=False):
    """An app in the terminal's own colours that keeps its first exception instead of printing it."""

    crash: BaseException | None = None

    def __init__(self, display: Display) -> None:
        super().__init__(display)
        # The terminal's own ground and text: whoever set them knows why, and they cost nothing to send.
        self.theme = "ansi-dark"

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """As Textual does it, but text is text: a line of a script's may hold brackets, which no screen may fail at."""
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()


def crashed(error: BaseException, folder: Path) -> ViewerCrashed:
    """Save the traceback in `folder` → the exception for the command line."""
    kind = type(error).__name__
    where = folder / FILE
    try:
        where.write_text("".join(traceback.format_exception(error)))
    except OSError as unwritten:
        return ViewerCrashed(f"the screen failed: {kind}: {error} (the traceback could not be saved: {unwritten})")
    return ViewerCrashed(f"the screen failed: {kind}: {error} (traceback in {where})")
