"""How a look at a session ends, and how a session that is over is spoken of. No screen, no session."""

from __future__ import annotations

import enum
from pathlib import Path

from rich.text import Text

from app.session.live.view import SessionState
from app.ui.screens.styles import style


class Ending(enum.Enum):
    """What becomes of the session once the screen is gone."""

    FINISHED = "finished"
    """It was over already."""
    STOPPED = "stopped"
    """It was told to stop and is being saved."""
    LEFT_RUNNING = "left running"
    """It goes on without a viewer."""


_WORDS: dict[SessionState, tuple[str, str]] = {
    "done": ("✓ done", "good"),
    "failed": ("✗ failed", "failure"),
    "interrupted": ("■ interrupted", "warning"),
    "lost": ("✗ nobody ended it", "failure"),
}


def end_words(state: SessionState, folder: Path, *, live: bool) -> Text:
    """`✓ done and saved in …`; nothing while the session goes on."""
    if state not in _WORDS:
        return Text()
    word, name = _WORDS[state]
    text = Text(" ", no_wrap=True, overflow="ellipsis")
    text.append(word, style(name))
    if live:
        return text.append(", being saved …")
    if state == "lost":
        return text.append(f", what it wrote is in {folder}   q leaves")
    return text.append(" and saved").append(f"   q leaves   {folder}", style("note"))
