"""How the live screen uses the terminal's size: a pure decision, so that each threshold is a test.

The first picture asks it too, before anything is imported, which is why it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Arrangement = Literal["grid", "tabs", "nothing"]
    """All four panels; one panel at a time; a line that asks for a larger terminal."""

SMALLEST = (60, 16)
"""Columns and rows below which nothing useful can be drawn."""

GRID = (76, 20)
"""Columns and rows from which the four panels fit beside one another with all their numbers."""

ROOM_FOR_REPEATS = (100, 32)
"""Columns and rows from which repeats have a row for each variant under the panels."""

ROOM_FOR_EVIDENCE = 34
"""Rows from which the verdict has a box with its evidence and the other verdicts."""


def verdict_rows(columns: int, rows: int) -> int:
    """Rows that the verdict has: one, two with what to try, or a box; never a number that parts the panels unevenly."""
    if arrangement(columns, rows) == "tabs":
        return 1
    return 6 if rows >= ROOM_FOR_EVIDENCE else 2


def arrangement(columns: int, rows: int) -> Arrangement:
    """What of the live screen is shown in a terminal of this size."""
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        return "nothing"
    return "grid" if columns >= GRID[0] and rows >= GRID[1] else "tabs"


def has_room_for_repeats(columns: int, rows: int) -> bool:
    """Whether a session's repeats stand under the panels; else they have a screen of their own alone."""
    return columns >= ROOM_FOR_REPEATS[0] and rows >= ROOM_FOR_REPEATS[1]
