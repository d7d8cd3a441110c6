"""Numbers side by side in a row. What does not fit is left out whole, from the right: a number is never cut."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.ui.draw.rows import Row, merged, padded, row_width, text_row

GAP = 2
"""Blanks between two items."""
NUMBERS = frozenset({"value", "big", "warning", "failure"})
"""Styles of what an item is about, its label apart."""


class Item(msgspec.Struct, frozen=True):
    """A number with its label and unit: shown as a whole or not at all."""

    row: Row
    slot: int = 0
    """Cells kept for it, so that what stands beside it does not jump when a digit comes or goes."""
    short: tuple[Row, ...] = ()
    """What is shown instead where the whole does not fit, longest first."""


def item(label: str, value: str, *, style: str = "value", slot: int = 0) -> Item:
    """`label value`: the label quiet, the value plain."""
    gap = " " if label and value else ""
    return Item(merged(((label + gap, "label"), (value, style))), slot)


def series_item(mark: str, style: str, label: str, text: str, slot: int = 0) -> Item:
    """An item that says with its mark which picture in the chart is its own."""
    row: Row = ((mark, style), (f" {label} ", "label"), (text, "value"))
    return Item(row, slot)


def items_row(items: Sequence[Item], width: int, right: str = "", right_style: str = "label") -> Row:
    """Items from the left, exactly `width` cells; `right` at the right edge when there is room beside the first.

    When a slot's blanks would push an item out, they are given up before the item is.
    """
    tail = text_row(right, right_style)
    first = row_width(items[0].row) + GAP if items else 0
    if first + row_width(tail) > width:
        tail = ()
    taken = row_width(tail)
    left = _laid_out(items, width - taken - GAP if tail else width)
    return merged((*padded(left, width - taken), *tail))


def bare(row: Row) -> Row:
    """An item without its label and mark, for the first of a row that is too narrow for more."""
    return merged((text, style) for text, style in row if style in NUMBERS)


def natural_width(items: Sequence[Item]) -> int:
    """Cells that all items take as a whole, without their slots."""
    return sum(row_width(each.row) for each in items) + GAP * (len(items) - 1)


def _laid_out(items: Sequence[Item], width: int) -> Row:
    """As many items as fit, from the left."""
    shown: list[Item] = []
    used = 0
    for each in items:
        gap = GAP if shown else 0
        forms = (each.row, *each.short) if shown else (each.row, *each.short, bare(each.row))
        fitting = next((row for row in forms if used + gap + row_width(row) <= width), None)
        if fitting is None:
            break
        shown.append(Item(fitting, each.slot if fitting is each.row else 0))
        used += gap + row_width(fitting)
    spare = width - used
    pieces: list[tuple[str, str]] = []
    for index, each in enumerate(shown):
        pieces += each.row
        if index + 1 < len(shown):
            extra = min(spare, max(0, each.slot - row_width(each.row)))
            spare -= extra
            pieces.append((" " * (GAP + extra), ""))
    return merged(pieces)
