"""The compare screen: one comparison, looked at panel by panel. Its app ends with it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from app.session.comparison import Comparison
from app.ui.widgets.comparison import ComparisonView
from app.ui.widgets.keys import KeyLine

KEYS = (
    ("q", "leave"),
    ("tab", "panel"),
    ("↑↓", "scroll, gauge"),
    ("t", "by step or time"),
    ("enter", "enlarge"),
)
PAIR_KEY = ("←→", "other pair")


class CompareScreen(Screen[None], inherit_bindings=False):
    """A picture over the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape,ctrl+c,ctrl+q", "leave", priority=True),
        Binding("tab", "panel(1)", priority=True),
        Binding("shift+tab", "panel(-1)", priority=True),
        Binding("right,n", "pair(1)", priority=True),
        Binding("left,p", "pair(-1)", priority=True),
        Binding("down", "move(1)", priority=True),
        Binding("up", "move(-1)", priority=True),
        Binding("pagedown", "move(10)", priority=True),
        Binding("pageup", "move(-10)", priority=True),
        Binding("t", "axis", priority=True),
        Binding("enter", "enlarge", priority=True),
    ]

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        several = (PAIR_KEY,) if len(comparison.pairs) > 1 else ()
        self._keys = (KEYS[0], *several, *KEYS[1:])
        self._view = ComparisonView(comparison)

    def compose(self) -> ComposeResult:
        """The comparison over the keys."""
        yield self._view
        yield KeyLine(self._keys)

    def action_panel(self, by: int) -> None:
        """Another panel."""
        self._view.next_panel(by)

    def action_pair(self, by: int) -> None:
        """Another pair."""
        self._view.next_pair(by)

    def action_move(self, by: int) -> None:
        """Down or up in the panel."""
        self._view.move(by)

    def action_axis(self) -> None:
        """Gauges by step or by time."""
        self._view.turn_axis()

    def action_enlarge(self) -> None:
        """One panel or all."""
        self._view.enlarge()

    def action_leave(self) -> None:
        """It is over."""
        self.app.exit()
