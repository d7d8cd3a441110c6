"""The start screen: workloads to run, in the order in which they are marked, and saved sessions to open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from app.ui.choice import Choice, SessionItem, WorkloadItem
from app.ui.screens.page import PageScreen
from app.ui.screens.start_lines import start_lines
from app.ui.screens.text import TextLines

KEYS = (
    ("q", "quit"),
    ("↑↓", "move"),
    ("space", "mark"),
    ("enter", "run or open"),
    ("/", "all sessions"),
    ("tab", "other list"),
)
PAGE = 10
FRAME_COLUMNS = 4
"""Border and padding of the list."""


class StartScreen(PageScreen[None, TextLines]):
    """Both lists in one, with one cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", priority=True),
        Binding("down", "move(1)", priority=True),
        Binding("pageup", f"move({-PAGE})", priority=True),
        Binding("pagedown", f"move({PAGE})", priority=True),
        Binding("home", "move_to(0)", priority=True),
        Binding("end", "move_to(-1)", priority=True),
        Binding("tab,shift+tab", "other_list", priority=True),
        Binding("space", "mark", priority=True),
        Binding("enter", "take", priority=True),
        Binding("slash,s", "browse", priority=True),
    ]

    class Chosen(Message):
        """The person has chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, workloads: Sequence[WorkloadItem], sessions: Sequence[SessionItem], more: int = 0) -> None:
        """`more`: sessions that are there besides."""
        super().__init__(TextLines("benchtop"), KEYS)
        self._more = more
        self._workloads = tuple(workloads)
        self._sessions = tuple(sessions)
        self._items: tuple[WorkloadItem | SessionItem, ...] = (*self._workloads, *self._sessions)
        self._cursor = 0
        self._marks: list[str] = []

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self._draw(event.size.width)

    def action_move(self, by: int) -> None:
        """Move the cursor, as far as there is something."""
        self.action_move_to(max(0, min(len(self._items) - 1, self._cursor + by)))

    def action_move_to(self, number: int) -> None:
        """Put the cursor on an item, counted from the start, or from the end when negative."""
        self._cursor = number % len(self._items)
        self._draw(self.size.width)

    def action_other_list(self) -> None:
        """From a workload to the first session, from a session to the first workload."""
        to_sessions = self._cursor < len(self._workloads) and self._sessions
        self.action_move_to(len(self._workloads) if to_sessions else 0)

    def action_mark(self) -> None:
        """Mark a workload as the next to run, or take the mark away."""
        item = self._items[self._cursor]
        if isinstance(item, SessionItem):
            return
        if item.name in self._marks:
            self._marks.remove(item.name)
        else:
            self._marks.append(item.name)
        self._draw(self.size.width)

    def action_take(self) -> None:
        """Open the session at the cursor; else run what is marked, or the workload at the cursor."""
        item = self._items[self._cursor]
        if isinstance(item, SessionItem):
            self.post_message(self.Chosen(Choice(session=item.name)))
        else:
            self.post_message(self.Chosen(Choice(workloads=tuple(self._marks) or (item.name,))))

    def action_browse(self) -> None:
        """Look through all sessions."""
        self.post_message(self.Chosen(Choice(browse=True)))

    def action_close(self) -> None:
        """Choose nothing."""
        self.post_message(self.Chosen(Choice()))

    def _draw(self, width: int) -> None:
        width -= FRAME_COLUMNS
        lines, at = start_lines(self._workloads, self._sessions, self._cursor, self._marks, width, more=self._more)
        self._body.put(lines)
        self._body.see(0 if self._cursor == 0 else at)
