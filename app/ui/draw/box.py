"""The border of a panel. Its upper edge is heavy when it has the focus: seen without colour, and cheap to send."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len

from app.ui.draw.rows import Row, merged, padded

LIGHT_EDGE, HEAVY_EDGE = tuple("╭─╮"), tuple("┍━┑")
SIDE, LOW_EDGE = "│", tuple("╰─╯")


def box(rows: Sequence[Row], title: str, note: str, width: int, height: int, *, focused: bool) -> tuple[Row, ...]:
    """`rows` in a border: exactly `height` rows of `width` cells. Rows are `inner_width` cells or fewer.

    `note` stands at the right of the upper edge when there is room. Too small for a border: the bare rows.
    """
    if width < 4 or height < 3:
        return tuple(padded((), width) for _ in range(height))
    left_top, across, right_top = HEAVY_EDGE if focused else LIGHT_EDGE
    left_low, low, right_low = LOW_EDGE
    style = "border-focus" if focused else "border"
    top = (left_top, style), *_edge(title, note, across, style, width - 2), (right_top, style)
    body = [_between_sides(row, width) for row in [*rows, *((),) * height][: height - 2]]
    return (merged(top), *body, ((left_low + low * (width - 2) + right_low, "border"),))


@lru_cache(512)
def _between_sides(row: Row, width: int) -> Row:
    """One row of the body. Kept: most rows stay as they are from one look to the next."""
    inner = inner_width(width)
    margin = " " if inner == width - 4 else ""
    return merged(((SIDE + margin, "border"), *padded(row, inner), (margin + SIDE, "border")))


def inner_width(width: int) -> int:
    """Cells between the sides: with a blank at each where there is room."""
    return width - 4 if width >= 16 else max(0, width - 2)


def _edge(title: str, note: str, across: str, style: str, width: int) -> Row:
    """The upper edge between its corners; a title that does not fit is left out word by word from the right."""
    words = title.split()
    while words and cell_len(" ".join(words)) + 2 > width:
        words.pop()
    shown = f" {' '.join(words)} " if words else ""
    said = f" {note} " if note and cell_len(shown + note) + 5 <= width else ""
    dashes = width - cell_len(shown + said) - (1 if said else 0)
    return ((shown, "title"), (across * dashes, style), (said, "note"), (across if said else "", style))
