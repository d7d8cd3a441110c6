"""A picture of single cells: lines of dots first, then words where nothing else is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from app.ui.draw.braille import Span, braille_rows
from app.ui.draw.rows import Row, merged


class Grid:
    """`height` rows of `width` cells, counted from the upper left."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._cells = [[(" ", "")] * width for _ in range(height)]
        self._written: set[tuple[int, int]] = set()

    def draw(self, spans: Sequence[Span], style: str) -> None:
        """Dots of 2 × `width` columns, over what was drawn before."""
        for y, row in enumerate(braille_rows(spans, self.height)):
            for x, character in enumerate(row):
                if character != " ":
                    self._cells[y][x] = (character, style)

    def write(self, x: int, y: int, text: str, style: str) -> bool:
        """Words over dots, if they lie within the picture and on no other words → whether they do. None are wide."""
        places = [(at, y) for at in range(x, x + len(text))]
        outside = x < 0 or x + len(text) > self.width or not 0 <= y < self.height
        if outside or cell_len(text) != len(text) or not self._written.isdisjoint(places):
            return False
        self._written.update(places)
        self._cells[y][x : x + len(text)] = [(character, style) for character in text]
        return True

    def write_first(self, places: Iterable[tuple[int, int]], text: str, style: str) -> bool:
        """Words at the first of these places where they can stand → whether there was one."""
        return any(self.write(x, y, text, style) for x, y in places)

    def row(self, y: int) -> Row:
        """One row, exactly `width` cells."""
        return merged(self._cells[y])
