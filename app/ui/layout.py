"""How the live screen uses the terminal's size: a pure decision, so that each threshold is a test."""

from __future__ import annotations

import enum

SMALLEST = (60, 16)
"""Columns and rows below which nothing useful can be drawn."""

GRID = (76, 20)
"""Columns and rows from which the four panels fit beside one another with all their numbers."""


class Arrangement(enum.Enum):
    """What of the live screen is shown."""

    GRID = "grid"
    """All four panels."""
    TABS = "tabs"
    """One panel at a time."""
    NOTHING = "nothing"
    """A line that asks for a larger terminal."""


def arrangement(columns: int, rows: int) -> Arrangement:
    """What fits into a terminal of this size."""
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        return Arrangement.NOTHING
    return Arrangement.GRID if columns >= GRID[0] and rows >= GRID[1] else Arrangement.TABS
