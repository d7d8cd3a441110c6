"""Braille: 2 × 4 dots a cell, from the dots that each column has lit.

A column is the pair (lowest dot, highest dot) counted from the bottom, both lit with all between, or
None for a column with nothing in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

Span = tuple[int, int] | None

_LEFT = (0x40, 0x04, 0x02, 0x01)
_RIGHT = (0x80, 0x20, 0x10, 0x08)
"""Bits of a cell's dots from the bottom up."""


def _masks(bits: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """[lowest][highest] within one cell → bits."""
    return tuple(tuple(sum(bits[low : high + 1]) for high in range(4)) for low in range(4))


_MASKS = (_masks(_LEFT), _masks(_RIGHT))


@lru_cache(1 << 11)
def cells(left: Span, right: Span, height: int) -> str:
    """The cells that two neighbouring columns make, topmost first: one character each, a blank for no dots.

    Kept, since a chart that has moved by a cell is made of the same cells again.
    """
    return "".join(_character(left, right, 4 * row) for row in range(height - 1, -1, -1))


def _character(left: Span, right: Span, base: int) -> str:
    """The cell whose lowest dot is `base` from the bottom; a plain blank costs one byte instead of three."""
    bits = 0
    for span, masks in ((left, _MASKS[0]), (right, _MASKS[1])):
        if span is not None:
            low, high = max(span[0] - base, 0), min(span[1] - base, 3)
            if low <= high:
                bits |= masks[low][high]
    return chr(0x2800 + bits) if bits else " "


def braille_rows(spans: Sequence[Span], height: int) -> list[str]:
    """The rows of a picture, topmost first; two spans a cell, 4 × `height` dots from the bottom."""
    columns = [cells(left, right, height) for left, right in zip(spans[::2], spans[1::2], strict=True)]
    return ["".join(row) for row in zip(*columns, strict=True)]
