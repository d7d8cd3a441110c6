"""The palette's styles for lines of text that Textual draws. Chooses no colour itself."""

from __future__ import annotations

from rich.style import Style

from app.ui.draw.palette import Ground, rich_style


def style(name: str) -> Style:
    """A style by its name in the palette; NO_COLOR is Textual's business here."""
    return rich_style(name, Ground(), colour=True)
