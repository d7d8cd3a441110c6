"""Runs an app on the real terminal, or in a page: with our driver, our signals, our last line. Knows no session."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from app.ui.terminal.capabilities import in_browser
from app.ui.terminal.crash import QuietApp, crashed
from app.ui.terminal.driver import TerminalDriver
from app.ui.terminal.leaving import leaving_whole


def run_on_terminal(app: QuietApp, folder: Path) -> Any:
    """Run to the end → what the app ended with, None when a signal ended it. Raises ViewerCrashed."""
    if in_browser(os.environ):
        from app.ui.terminal.browser import BrowserDriver  # noqa: PLC0415 - a terminal need not wait for it

        app.driver_class = BrowserDriver
    else:
        app.driver_class = TerminalDriver
    try:
        result = asyncio.run(_run(app))
    except Exception as error:
        raise crashed(error, folder) from error
    if app.crash is not None:
        raise crashed(app.crash, folder) from app.crash
    return result


async def _run(app: QuietApp) -> Any:
    loop = asyncio.get_running_loop()

    def leave() -> None:
        loop.call_soon_threadsafe(app.exit)

    with leaving_whole(leave):
        return await app.run_async(mouse=app.chosen_display.mouse)
