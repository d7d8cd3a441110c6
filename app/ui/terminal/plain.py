"""Nothing but ASCII for terminals that show no more: every character becomes one of the same width, or as many.

Works on what goes down the line, so that nobody who draws has to know of it; escape sequences are ASCII already.
"""

from __future__ import annotations

import unicodedata

from rich.cells import get_character_cell_size

_ALIKE = {
    "╭╮╰╯┌┐└┘┏┓┗┛┍┑├┤┬┴┼": "+",
    "─┄▔": "-",
    "━": "=",
    "│┃▏▎▍▌▋▊▉▐": "|",
    "█■▀": "#",
    "▁": "_",
    "▂": ".",
    "▃": ":",
    "▄": "-",
    "▅": "=",
    "▆": "+",
    "▇": "*",
    "✓": "v",
    "✗×": "x",
    "▶▸→⏎": ">",
    "↑▲": "^",
    "↓▼": "v",
    "←": "<",
    "·": ".",
    "•●": "o",
    "┆": ":",
    "–—": "-",
    "…": "~",
    "⚠": "!",
    "°": "'",
    "µμ": "u",
    "±": "~",
}
_TOP, _BOTTOM = 0x1B, 0xE4
"""Bits of a braille cell's upper and lower four dots."""


class Plain(dict[int, str]):
    """A table for `str.translate` that makes up its entries when they are asked for."""

    def __missing__(self, code: int) -> str:
        text = chr(code) if code < 0x80 else _BRAILLE.get(code) or _NAMED.get(chr(code)) or _nearest(chr(code))
        self[code] = text
        return text


def _nearest(character: str) -> str:
    """`é` → `e`; what has no like → question marks, as many as it takes cells."""
    size = get_character_cell_size(character)
    base = unicodedata.normalize("NFKD", character)[:1]
    return base if base.isascii() and size == 1 else "?" * size


def _dots(bits: int) -> str:
    """A braille cell by where its dots are: an area reads as `#` with a ragged edge, a line as dots."""
    upper, lower = (bits & _TOP).bit_count(), (bits & _BOTTOM).bit_count()
    if upper + lower >= 6:
        return "#"
    if upper and lower:
        return ":"
    return "'" if upper else "." if lower else " "


_NAMED = {character: plain for characters, plain in _ALIKE.items() for character in characters}
_BRAILLE = {0x2800 + bits: _dots(bits) for bits in range(256)}
PLAIN = Plain()
