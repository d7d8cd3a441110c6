"""Braille: 2 × 4 dots a cell, from the dots that each column has lit.

A column is the pair (lowest dot, highest dot) counted from the bottom, both lit with all between, or
None for a column with nothing in it.
"""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[int, int] | None

_LEFT = (0x40, 0x04, 0x02, 0x01)
_RIGHT = (0x80, 0x20, 0x10, 0x08)
"""Bits of a cell's dots from the bottom up."""


def _masks(bits: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """[lowest][highest] within one cell → bits."""
    return tuple(tuple(sum(bits[low : high + 1]) for high in range(4)) for low in range(4))


_MASKS = (_masks(_LEFT), _masks(_RIGHT))


def cell_bits(left: Span, right: Span, base: int) -> int:
    """The dots of one cell whose lowest dot is `base` from the bottom of the chart."""
    bits = 0
    for span, masks in ((left, _MASKS[0]), (right, _MASKS[1])):
        if span is not None:
            low, high = max(span[0] - base, 0), min(span[1] - base, 3)
            if low <= high:
                bits |= masks[low][high]
    return bits


def braille_rows(spans: Sequence[Span], height: int) -> list[list[int]]:
    """Dots of every cell, topmost row first; two spans a cell, 4 × `height` dots from the bottom."""
    pairs = list(zip(spans[::2], spans[1::2], strict=True))
    return [[cell_bits(left, right, 4 * row) for left, right in pairs] for row in range(height - 1, -1, -1)]


def braille(bits: int) -> str:
    """A character; a plain blank for no dots, which costs a byte instead of three."""
    return chr(0x2800 + bits) if bits else " "
