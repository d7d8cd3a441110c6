"""A typed document as JSON text, for a terminal or a pipe."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_BEYOND_ASCII: Final = re.compile(r"[^\x20-\x7e\n]")


def json_text(document: object) -> str:
    """Indented, with nothing in it that could move a cursor: a session may come from a stranger.

    JSON may hold characters as they are that a terminal obeys (ECMA-48, C1), that turn the writing round, or that break
    a line. They are in strings alone, where the escape means the same.
    """
    return _BEYOND_ASCII.sub(_escaped, msgspec.json.format(msgspec.json.encode(document)).decode())


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    if character.isprintable():
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
