"""The widget under every panel and line: rows of cells in, only the rows that changed out.

Strips are kept row by row; a row that is equal to the one before keeps its strip and is not sent. Textual's
own caches, filters and renderables are passed by, which is why colour is decided here (see `palette`).
It never decides what is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from app.ui.draw.palette import Ground, rich_style
from app.ui.draw.rows import Row, blank, padded


class Drawn(Widget):
    """A widget that is drawn as rows of cells. It has no border and no padding of Textual's."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: list[Row] = []
        self._strips: list[Strip] = []
        self._drawn_for: tuple[Size, Ground, bool] | None = None

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The rows as they are now, each exactly `width` cells."""
        raise NotImplementedError

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw, and have sent what changed, whoever asks: Textual does too, for all of it, when the focus changes."""
        if not (regions or layout or recompose) and self._drawn_for is not None and self._drawn_for == self._now():
            regions = tuple(self._take(self.draw(*self.size)))
            if not regions:
                return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Textual asks for these rows; all of them are made anew only for another size or background."""
        now = self._now()
        if now != self._drawn_for:
            self._drawn_for = now
            self._rows, self._strips = [], []
            self._take(self.draw(*self.size))
        strips = self._strips[crop.y : crop.bottom]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One of the rows, for Textual's own looks at what lies under the mouse."""
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def _take(self, rows: Sequence[Row]) -> list[Region]:
        """Keep new rows → the regions that differ."""
        width, height = self.size
        wanted = [*rows[:height], *(blank(width),) * (height - len(rows))]
        if len(self._rows) != height:
            self._rows, self._strips = [()] * height, [Strip.blank(width)] * height
        changed = []
        for y, (before, row) in enumerate(zip(self._rows, wanted, strict=True)):
            if row != before:
                first, after = _changed(before, row, width)
                changed.append(Region(first, y, after - first, 1))
                self._rows[y] = row
                self._strips[y] = self._strip(row, width)
        return changed

    def _strip(self, row: Row, width: int) -> Strip:
        ground = self._drawn_for[1] if self._drawn_for else Ground()
        colour = not self.app.no_color
        full = padded(row, width)
        return Strip([Segment(text, rich_style(name, ground, colour=colour)) for text, name in full], width)

    def _now(self) -> tuple[Size, Ground, bool]:
        """What the rows depend on, besides what is drawn."""
        return self.size, self._ground(), self.app.no_color

    def _ground(self) -> Ground:
        """The theme's colours, or none of them where the terminal's own background shows through."""
        _, _, background, text = self.colors
        if background.a == 0 or background.ansi is not None:
            return Ground()
        return Ground(text.rich_color, background.rich_color)


class Line(Drawn):
    """A widget of one row; what lies under it, if it is higher, stays blank."""

    def row(self, width: int) -> Row:
        """The row as it is now, exactly `width` cells."""
        raise NotImplementedError

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The row."""
        return (self.row(width),)[:height]


def _changed(before: Row, after: Row, width: int) -> tuple[int, int]:
    """The first cell that differs, and the one after the last: what lies around them is not sent again."""
    old = [(character, style) for text, style in before for character in text]
    new = [(character, style) for text, style in after for character in text]
    if len(old) != len(new) or len(new) != width or any(cell_len(text) != len(text) for text, _ in (*before, *after)):
        return 0, width
    differ = [place for place in range(width) if old[place] != new[place]]
    return (differ[0], differ[-1] + 1) if differ else (0, 0)
