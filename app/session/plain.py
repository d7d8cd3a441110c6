"""Text that is safe to show: a journal may come from a stranger, and a terminal obeys what it is sent."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

LONGEST = 2_000
"""Characters of one text; no line of a screen or a log needs more."""

_STRING = r"(?:\x1b[\]P^_X]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
"""A title, a clipboard, a picture: all up to its end."""
_SEQUENCE = r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
_ESCAPES = re.compile(f"{_STRING}|{_SEQUENCE}|\x1b.?")
_Frame = TypeVar("_Frame", bound=msgspec.Struct)


def plain(text: str) -> str:
    """One line without what could move a cursor, colour a terminal, turn the writing round, or never end."""
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    if text.isprintable():
        return text
    text = _ESCAPES.sub("", text)
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)


def plain_frame(frame: _Frame) -> _Frame:
    """The same frame with every text in it made plain, those of the structures in it too."""
    return msgspec.structs.replace(
        frame, **{name: plain_value(getattr(frame, name)) for name in frame.__struct_fields__}
    )


def plain_value(value: object) -> object:
    """As `plain`, whatever holds the texts."""
    match value:
        case str():
            return plain(value)
        case tuple():
            return tuple(map(plain_value, value))
        case dict():
            return {plain_value(key): plain_value(item) for key, item in value.items()}
        case msgspec.Struct():
            return plain_frame(value)
        case _:
            return value
