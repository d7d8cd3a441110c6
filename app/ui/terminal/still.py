"""What a screen shows, as an SVG picture and as text. Neither needs anything from a network."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich.console import Console
from rich.segment import Segment, Segments
from rich.terminal_theme import MONOKAI
from textual.strip import Strip

_FONTS = re.compile(r"\s*@font-face \{.*?\n\s*\}", re.DOTALL)
"""Rich has them fetched; where the font is not installed, any of one width will do."""


def still_text(rows: Sequence[Strip]) -> str:
    """A line a row, without the blanks at its end."""
    return "".join(f"{row.text.rstrip()}\n" for row in rows)


def still_svg(rows: Sequence[Strip], title: str) -> str:
    """The same with colours, in a window with a title."""
    width = max((row.cell_length for row in rows), default=1)
    console = Console(
        width=width,
        height=max(1, len(rows)),
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    segments = [segment for row in rows for segment in (*row, Segment.line())]
    console.print(Segments(segments), end="", soft_wrap=True)
    return _FONTS.sub("", console.export_svg(title=title, theme=MONOKAI))
