"""Styles by name: the one place where a colour is chosen.

Colours are of the 256, since SSH does not pass on that a terminal can more, and each of them stands out
at 3:1 or more from black and from white, so that a light terminal needs no second palette. Text is the
terminal's own colour. Without colour, bold, dim and reverse are left; nothing is said by colour alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

GREY, BLUE, ORANGE, VIOLET, GREEN, RED, AMBER = 244, 32, 166, 98, 29, 160, 136

OF_SIXTEEN = {GREY: 8, BLUE: 12, ORANGE: 3, VIOLET: 5, GREEN: 2, RED: 9, AMBER: 3}
"""Each of them where there are 16 colours: what is near by its numbers may be unreadable there, such as light grey."""

_COLOURS: dict[str, int | None] = {
    "": None,
    "value": None,
    "big": None,
    "title": None,
    "label": GREY,
    "axis": GREY,
    "note": GREY,
    "border": GREY,
    "border-focus": BLUE,
    "limit": RED,
    "disturbed": GREY,
    "cursor": None,
    "device": BLUE,
    "device-second": ORANGE,
    "memory": VIOLET,
    "throughput": GREEN,
    "time": AMBER,
    "part-wait": RED,
    "part-h2d": VIOLET,
    "part-forward": BLUE,
    "part-backward": ORANGE,
    "part-comm": AMBER,
    "part-optimizer": GREEN,
    "good": GREEN,
    "warning": AMBER,
    "failure": RED,
    "mark": None,
    "key": None,
    "program": None,
}
_BOLD = frozenset({"big", "title", "border-focus", "warning", "failure", "program", "mark", "key", "cursor"})
_REVERSE = frozenset({"mark"})
NAMES = frozenset(_COLOURS)
"""Every style that a row may name."""


class Ground(NamedTuple):
    """What is drawn on. None: the terminal's own colour, which costs nothing to send."""

    text: Color | None = None
    background: Color | None = None


@lru_cache(256)
def rich_style(name: str, ground: Ground, *, colour: bool) -> Style:
    """A named style. `colour` False is NO_COLOR. KeyError: no such name."""
    number = _COLOURS[name]
    return Style(
        color=None if not colour else ground.text if number is None else Color.from_ansi(number),
        bgcolor=ground.background if colour else None,
        bold=True if name in _BOLD else None,
        dim=True if not colour and number == GREY and name != "border" else None,
        reverse=True if name in _REVERSE else None,
    )
