"""Rows of cells: the one thing that drawing functions give back. Nothing here knows of a terminal or a widget."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size

Row = tuple[tuple[str, str], ...]
"""One row: pieces of text, each with the name of its style (see `palette`; an empty name is plain text)."""

ELLIPSIS = "…"

SOLID = frozenset({"mark"})
"""Styles that colour the blank itself: they never spread over a neighbour's blanks."""


def text_row(text: str, style: str = "") -> Row:
    """One piece as a row; nothing for an empty text."""
    return ((text, style),) if text else ()


def row_width(row: Row) -> int:
    """Cells that a row takes; a wide character takes two."""
    width = 0
    for text, _ in row:
        width += len(text) if text.isascii() else cell_len(text)
    return width


def merged(pieces: Iterable[tuple[str, str]]) -> Row:
    """Neighbours of one style become one piece, so that a style is sent once; blanks take the style before them."""
    row: list[tuple[str, str]] = []
    for text, style in pieces:
        if not text:
            continue
        if row and (style == row[-1][1] or (text.isspace() and not {style, row[-1][1]} & SOLID)):
            row[-1] = (row[-1][0] + text, row[-1][1])
        else:
            row.append((text, style))
    return tuple(row)


def padded(row: Row, width: int) -> Row:
    """A row that is narrower than `width`, filled up with blanks."""
    missing = width - row_width(row)
    return (*row, (" " * missing, "")) if missing > 0 else row


def trimmed(row: Row) -> Row:
    """A row without the blanks at its end."""
    pieces = list(row)
    while pieces and not (text := pieces[-1][0].rstrip()):
        pieces.pop()
    return (*pieces[:-1], (text, pieces[-1][1])) if pieces else ()


def clipped(row: Row, width: int) -> Row:
    """A row cut or filled to exactly `width` cells; a cut is marked by an ellipsis. For words, not for numbers."""
    if row_width(row) <= width:
        return padded(row, width)
    pieces: list[tuple[str, str]] = []
    left = max(0, width - 1)
    for text, style in row:
        taken = min(left, cell_len(text))
        pieces.append((set_cell_size(text, taken), style))
        left -= taken
        if not left:
            break
    pieces.append((ELLIPSIS if width else "", pieces[-1][1] if pieces else ""))
    return merged(pieces)


def blank(width: int) -> Row:
    """An empty row."""
    return text_row(" " * width)
