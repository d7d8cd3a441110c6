"""What a terminal shows, cell by cell, and the fewest bytes that make it show something else.

Pure: cells in, escape sequences out. Knows nothing of Textual's widgets and nothing of when to send.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, get_character_cell_size
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

from app.ui.draw.palette import OF_SIXTEEN

Cell = tuple[str, str]
"""A character and the SGR codes it is drawn with, such as `1;38;5;32`. The right half of a wide one is empty."""

PLAIN = "\x1b[0m"
LONGEST_GAP = 4
"""Unchanged cells that are sent again rather than jumped over: the jump costs about as much."""


class Cells:
    """Two pictures of one terminal: what it shows, and what it shall show.

    `diff` False: nothing is taken for shown, and all that is put is sent.
    """

    def __init__(self, width: int, height: int, colours: ColorSystem | None, *, diff: bool = True) -> None:
        self.width = width
        self.height = height
        self._colours = colours
        self._diff = diff
        self._shown: list[list[Cell | None]] = [[None] * width for _ in range(height)]
        """None: not known, so it is sent whatever is wanted."""
        self._wanted: list[list[Cell | None]] = [[None] * width for _ in range(height)]
        """None: nobody said yet, so nothing is sent."""
        self._touched: dict[int, int] = {}
        """Row that may differ → cells of the smallest update that it was part of, since it was sent."""
        self._update: dict[int, int] = {}
        """The same of the present update: row → cells that were put."""
        self._codes: dict[Style, str] = {}

    def put(self, x: int, y: int, segments: Iterable[Segment]) -> None:
        """From this cell on the terminal shall show these segments; what does not fit is left out."""
        if not 0 <= y < self.height:
            return
        cells = [cell for segment in segments if not segment.control for cell in self._cells(segment)]
        cells = cells[: max(0, self.width - x)]
        row = self._wanted[y]
        _blank_half(row, x)
        _blank_half(row, x + len(cells))
        row[x : x + len(cells)] = cells
        if not self._diff:
            self._shown[y][x : x + len(cells)] = [None] * len(cells)
        self._update[y] = self._update.get(y, 0) + len(cells)

    def begin(self) -> None:
        """What is put from here on is an update of its own."""
        size = sum(self._update.values())
        for y in self._update:
            self._touched[y] = min(size, self._touched.get(y, size))
        self._update.clear()

    def change(self, most: int | None = None) -> str:
        """The escape sequences that make the terminal show what it shall; from then on it is taken to show it.

        About `most` bytes at once, small updates before large ones: the answer to a key is small, and does not wait
        for a chart. `pending` tells whether that was all.
        """
        self.begin()
        writer = _Writer()
        for y in sorted(self._touched, key=lambda row: (0 if most is None else self._touched[row], row)):
            if most is not None and writer.size >= most:
                break
            del self._touched[y]
            self._change_row(y, writer)
        return writer.text()

    @property
    def pending(self) -> bool:
        """Whether something was put that was not sent."""
        return bool(self._touched or self._update)

    def _change_row(self, y: int, writer: _Writer) -> None:
        shown, wanted = self._shown[y], self._wanted[y]
        if shown == wanted:
            return
        x = 0
        while x < self.width:
            if wanted[x] is None or wanted[x] == shown[x]:
                x += 1
                continue
            end = self._end_of_run(shown, wanted, x)
            while x > 0 and wanted[x] is not None and wanted[x][0] == "":  # type: ignore[index] # a half is not sent alone
                x -= 1
            writer.move(x, y)
            for cell in wanted[x:end]:
                if cell is not None:
                    writer.write(cell)
            writer.wrote(end, self.width)
            shown[x:end] = wanted[x:end]
            x = end

    def _end_of_run(self, shown: list[Cell | None], wanted: list[Cell | None], x: int) -> int:
        """The cell after the last that is worth sending in one go from `x` on."""
        end = x + 1
        at = end
        while at < self.width and at - end <= LONGEST_GAP and wanted[at] is not None:
            at += 1
            if wanted[at - 1] != shown[at - 1]:
                end = at
        # A wide character is sent whole.
        while end < self.width and wanted[end] is not None and wanted[end][0] == "":  # type: ignore[index]
            end += 1
        return end

    def _cells(self, segment: Segment) -> Iterable[Cell]:
        codes = self._sgr(segment.style) if segment.style else ""
        text = segment.text
        if len(text) == cell_len(text):
            return [(character, codes) for character in text]
        return [cell for character in text for cell in _wide(character, codes)]

    def _sgr(self, style: Style) -> str:
        codes = self._codes.get(style)
        if codes is None:
            colours = Style.from_color(self._sent(style.color), self._sent(style.bgcolor))
            rendered = Style.render(style.without_color + colours, "x", color_system=self._colours)
            codes = rendered[2 : rendered.index("m")] if rendered.startswith("\x1b[") else ""
            self._codes[style] = codes
        return codes

    def _sent(self, colour: Color | None) -> Color | None:
        """A colour as the terminal is told it; not at all where it is the terminal's own."""
        if colour is None or colour.is_default:
            return None
        chosen = OF_SIXTEEN.get(colour.number or 0) if self._colours is ColorSystem.STANDARD else None
        return colour if chosen is None else Color.from_ansi(chosen)


def _blank_half(row: list[Cell | None], x: int) -> None:
    """What is put here cuts a wide character into halves, neither of which can be shown."""
    cell = row[x] if x < len(row) else None
    if cell is not None and not cell[0]:
        row[x] = (" ", cell[1])
        row[x - 1] = (" ", cell[1])


def _wide(character: str, codes: str) -> list[Cell]:
    """The cells of a character: two for a wide one; one that takes no cell has none."""
    size = get_character_cell_size(character)
    return [(character, codes), *[("", codes)] * (size - 1)] if size else []


class _Writer:
    """Writes cells with as few moves and colours as it can. A frame starts and ends with plain colours."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._codes = ""
        self._at: tuple[int, int] | None = None
        self.size = 0
        """Bytes so far; what is not ASCII here takes three."""

    def move(self, x: int, y: int) -> None:
        """Go to a cell."""
        if self._at == (x, y):
            return
        if self._at is not None and self._at[1] == y and x > self._at[0]:
            gap = x - self._at[0]
            self._append(f"\x1b[{gap}C" if gap > 1 else "\x1b[C")
        else:
            self._append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._at = (x, y)

    def write(self, cell: Cell) -> None:
        """One cell, at the place where the one before ended."""
        character, codes = cell
        if not character:
            return
        if codes != self._codes:
            self._append(f"\x1b[0;{codes}m" if codes and self._codes else f"\x1b[{codes}m" if codes else PLAIN)
            self._codes = codes
        self._append(character)

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self.size += len(text) if text.isascii() else 3 * len(text)

    def wrote(self, end: int, width: int) -> None:
        """A run ended before `end`; after the last column terminals do not agree on where the cursor is."""
        if self._at is not None:
            self._at = (end, self._at[1]) if end < width else None

    def text(self) -> str:
        """The whole frame."""
        if self._codes:
            self._parts.append(PLAIN)
        return "".join(self._parts)
