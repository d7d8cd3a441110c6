"""Saves what an app shows into a session's folder, and says where."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from textual.strip import Strip

from app.session.plain import plain
from app.session.store.folder import SessionFolder
from app.session.store.pictures import save_picture
from app.text.errors import error_text
from app.ui.terminal.crash import QuietApp
from app.ui.terminal.still import still_svg, still_text


async def save_screen(app: QuietApp, folder: SessionFolder) -> None:
    """What is to be seen now; drawing it and the disk are waited for in a thread."""
    rows = app.screen._compositor.render_strips()  # noqa: SLF001 - as Textual's own screenshots are made
    try:
        name = await asyncio.to_thread(_save, rows, folder)
    except (ValueError, OSError) as error:
        app.notify(plain(f"the screen is not saved: {error_text(error)}"), severity="warning")
    else:
        app.notify(f"saved {name}.svg and {name}.txt with the session")


def _save(rows: Sequence[Strip], folder: SessionFolder) -> str:
    svg = still_svg(rows, f"benchtop {plain(folder.name)}")
    return save_picture(folder, svg, still_text(rows), dt.datetime.now().astimezone())
