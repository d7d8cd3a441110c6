"""All sessions as one browses them: what is typed, in which order, where the cursor is, what is marked. No widget."""

from __future__ import annotations

from collections.abc import Iterable

from app.session.shelf.listing import SessionRow
from app.session.shelf.matching import LONGEST_TYPED, found, haystack
from app.session.shelf.ordering import COLUMNS, Column, in_order


class Shelf:
    """The rows of a list and how one looks at them."""

    def __init__(self, rows: Iterable[SessionRow]) -> None:
        self.typed = ""
        self.column: Column = "time"
        self.turned = False
        self.marks: dict[str, None] = {}
        """Names, in the order in which they were marked."""
        self.cursor = 0
        self.shown: list[SessionRow] = []
        """What is found, in order."""
        self.put(rows)

    @property
    def rows(self) -> tuple[SessionRow, ...]:
        """All of them."""
        return tuple(self._rows)

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self._rows)

    @property
    def current(self) -> SessionRow | None:
        """At the cursor."""
        return self.shown[self.cursor] if self.cursor < len(self.shown) else None

    @property
    def marked(self) -> tuple[SessionRow, ...]:
        """In the order in which they were marked."""
        rows = {row.name: row for row in self._rows}
        return tuple(rows[name] for name in self.marks if name in rows)

    @property
    def chosen(self) -> tuple[SessionRow, ...]:
        """The marked ones, else the one at the cursor."""
        return self.marked or ((self.current,) if self.current is not None else ())

    def put(self, rows: Iterable[SessionRow]) -> None:
        """Other rows in their place; the cursor stays on its session."""
        self._rows = list(rows)
        known = {row.name for row in self._rows}
        self.marks = {name: None for name in self.marks if name in known}
        self._order()

    def change(self, name: str, row: SessionRow | None) -> None:
        """One of them is so now, perhaps of another name; None: it is gone."""
        if row is not None and name in self.marks:
            self.marks = {row.name if each == name else each: None for each in self.marks}
        at = self.current is not None and self.current.name == name
        changed = [row if each.name == name else each for each in self._rows]
        self.put(each for each in changed if each is not None)
        if at and row is not None:
            self._go_to(row.name)

    def find(self, typed: str) -> None:
        """Only those that this is found in; the best of them first."""
        self.typed = typed[:LONGEST_TYPED]
        self._find()
        self.cursor = 0

    def sort(self) -> None:
        """By the next column."""
        self.column = COLUMNS[(COLUMNS.index(self.column) + 1) % len(COLUMNS)]
        self.turned = False
        self._order()

    def turn(self) -> None:
        """The other way round."""
        self.turned = not self.turned
        self._order()

    def move(self, by: int) -> None:
        """The cursor, as far as there is something."""
        self.cursor = max(0, min(len(self.shown) - 1, self.cursor + by))

    def mark(self) -> None:
        """Mark the session at the cursor, or take the mark away, and go on to the next."""
        if self.current is None:
            return
        name = self.current.name
        if name in self.marks:
            del self.marks[name]
        else:
            self.marks[name] = None
        self.move(1)

    def clear(self) -> bool:
        """Take away what was typed, else the marks → whether there was any of it."""
        if self.typed:
            name = self.current.name if self.current is not None else ""
            self.find("")
            self._go_to(name)
            return True
        there, self.marks = bool(self.marks), {}
        return there

    def _order(self) -> None:
        self._rows = in_order(self._rows, self.column, reverse=self.turned)
        self._haystacks = [haystack(row) for row in self._rows]
        self._find()

    def _find(self) -> None:
        name = self.current.name if self.current is not None else ""
        self.shown = [self._rows[place] for place in found(self._haystacks, self.typed)]
        self._go_to(name)

    def _go_to(self, name: str) -> None:
        """Where that session is, else as near as there is one to where the cursor was."""
        places = (place for place, row in enumerate(self.shown) if row.name == name)
        self.cursor = next(places, max(0, min(self.cursor, len(self.shown) - 1)))
