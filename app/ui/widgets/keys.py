"""The keys that work now, in one row. It never handles a key."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.draw.rows import Row
from app.ui.draw.status import keys_row
from app.ui.widgets.drawn import Line


class KeyLine(Line):
    """Keys and their labels; the last are left out where there is no room."""

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._entries = tuple(entries)

    def offer(self, entries: Sequence[tuple[str, str]]) -> None:
        """These keys work from now on."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.refresh()

    def row(self, width: int) -> Row:
        """The row."""
        return keys_row(self._entries, width)
