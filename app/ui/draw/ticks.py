"""What stands on the time axis of a chart, by cells: marks, disturbed stretches, the marked window and the cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from rich.cells import cell_len

from app.session.live.view import Mark
from app.ui.draw.columns import GAP
from app.ui.draw.rows import Row, merged

LONGEST_LABEL = 24
POINTER = "▲"


class Tick(msgspec.Struct, frozen=True):
    """From one cell to another, both within the chart."""

    first: int
    last: int
    label: str = ""
    short: str = ""
    """What is told instead where there is little room."""
    disturbed: bool = False
    """Whether what is drawn there is not what the run is about."""
    cursor: bool = False
    window: bool = False
    """Whether it is what is looked at: its words come before those of marks."""


class Axis(msgspec.Struct, frozen=True):
    """Where time lies in a chart."""

    column_ns: int
    newest: int
    """The column of the right edge, counted from the clock's zero."""
    width: int
    """In cells, of two columns each."""
    sweep: bool = False

    def cell(self, at_ns: int) -> int:
        """The cell of an instant; below 0 or beyond the width for one that is not on the axis."""
        column = at_ns // self.column_ns
        if not self.sweep:
            return (column - self._first) // 2
        if column < self._first + 2 * min(GAP, self.width // 2):
            return -1
        return column % (2 * self.width) // 2 if column <= self.newest else self.width

    def cells(self, from_ns: int, to_ns: int) -> tuple[int, int] | None:
        """The cells of a stretch, as far as it is on the axis; None for one that is not."""
        first, last = self.cell(from_ns), self.cell(to_ns)
        if last < 0 or first >= self.width:
            return None
        return max(0, first), min(last, self.width - 1)

    def start_ns(self, cell: int = 0) -> int:
        """Of a cell."""
        return (self._first + 2 * cell) * self.column_ns

    @property
    def _first(self) -> int:
        """The column at the left of its first cell; of a sweep, what stood there."""
        return 2 * (self.newest // 2 - self.width + 1)


def ticks(marks: Sequence[Mark], axis: Axis) -> tuple[Tick, ...]:
    """Those that are on the axis. In a sweep a stretch that wraps around is told by its end."""
    found = []
    for mark in marks:
        to_ns = (axis.newest + 1) * axis.column_ns - 1 if mark.to_ns is None else mark.to_ns
        cells = axis.cells(mark.from_ns, to_ns)
        if cells is None:
            continue
        first, last = cells
        if axis.sweep and first > last:
            found.append(Tick(first, axis.width - 1, disturbed=mark.disturbed))
            first = 0
        found.append(Tick(first, last, label_of(mark), disturbed=mark.disturbed))
    return tuple(found)


def label_of(mark: Mark) -> str:
    """A few words."""
    return (mark.text or mark.kind)[:LONGEST_LABEL]


def axis_row(found: Sequence[Tick], width: int, ends: tuple[str, str] = ("", "")) -> Row:
    """Exactly `width` cells: `▲batch 128   ├─resident-batch─┤`; a label is left out where another stands.

    `ends` are the times of both edges, where they are told.
    """
    cells = [(" ", "")] * width
    taken = [False] * width

    def write(x: int, text: str, style: str) -> bool:
        if x < 0 or x + len(text) > width or cell_len(text) != len(text) or any(taken[x : x + len(text)]):
            return False
        cells[x : x + len(text)] = [(character, style) for character in text]
        taken[x : x + len(text)] = [True] * len(text)
        return True

    instants = sorted((tick for tick in found if tick.last == tick.first), key=lambda tick: not tick.cursor)
    spans = sorted((tick for tick in found if tick.last > tick.first), key=lambda tick: not tick.window)
    for tick in instants:
        write(tick.first, POINTER if tick.label else "─", _style(tick))
    named = (*(tick for tick in instants if tick.cursor), *(tick for tick in spans if tick.window))
    for tick in (*named, *(tick for tick in (*instants, *spans) if tick not in named)):
        _ = any(write(x, text, _style(tick)) for x, text in _places(tick))
    for tick in spans[::-1]:
        for x in range(tick.first, tick.last + 1):
            write(x, "├" if x == tick.first else "┤" if x == tick.last else "─", "label")
    for x, text in ((0, ends[0]), (width - len(ends[1]), ends[1])):
        write(x, text, "axis")
    return merged(cells)


def _style(tick: Tick) -> str:
    return "key" if tick.cursor else "label"


def _places(tick: Tick) -> Iterator[tuple[int, str]]:
    """Where its words may stand, the best place first: inside of a stretch, at its right, at its left."""
    for text in (tick.label, tick.short):
        if text and tick.last - tick.first >= len(text) + 3:
            yield tick.first + 2, text
        if text:
            yield tick.last + 1, f" {text} "
            yield tick.first - len(text) - 2, f" {text} "
