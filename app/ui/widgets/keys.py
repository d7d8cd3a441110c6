"""The keys that work now, in one line. It never handles a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.widget import Widget


class KeyLine(Widget):
    """Keys and their labels."""

    def __init__(self, entries: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._entries = tuple(entries)

    def render(self) -> str:
        """One line."""
        return "  ".join(f"{key} {label}" for key, label in self._entries)
