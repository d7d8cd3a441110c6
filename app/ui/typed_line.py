"""A line that a person types: what a key makes of it."""

from __future__ import annotations

from textual import events


def typed_on(typed: str, event: events.Key) -> str | None:
    """What stands there after that key: a character more or less, a word less, or nothing; None: it is no such key."""
    match event.key:
        case "backspace":
            return typed[:-1]
        case "ctrl+u":
            return ""
        case "ctrl+w":
            return " ".join(typed.split()[:-1])
        case _ if event.character is not None and event.is_printable:
            return typed + event.character
        case _:
            return None
