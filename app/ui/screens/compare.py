"""The compare screen: one comparison, looked at panel by panel."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from app.session.results.comparison import Comparison
from app.ui.screens.page import PageScreen
from app.ui.widgets.comparison import ComparisonView

KEYS = (
    ("q", "leave"),
    ("tab", "panel"),
    ("↑↓", "scroll, gauge"),
    ("t", "by step or time"),
    ("enter", "enlarge"),
)
PAIR_KEY = ("←→", "other pair")


class CompareScreen(PageScreen[None, ComparisonView]):
    """A picture, and the end."""

    BINDINGS: ClassVar[list[BindingType]] = [
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

    def __init__(self, comparison: Comparison, *, alone: bool = True) -> None:
        """`alone`: its app ends with it."""
        self._alone = alone
        several = (PAIR_KEY,) if len(comparison.pairs) > 1 else ()
        super().__init__(ComparisonView(comparison), (KEYS[0], *several, *KEYS[1:]))

    def action_panel(self, by: int) -> None:
        """Another panel."""
        self._body.next_panel(by)

    def action_pair(self, by: int) -> None:
        """Another pair."""
        self._body.next_pair(by)

    def action_move(self, by: int) -> None:
        """Down or up in the panel."""
        self._body.move(by)

    def action_axis(self) -> None:
        """Gauges by step or by time."""
        self._body.turn_axis()

    def action_enlarge(self) -> None:
        """One panel or all."""
        self._body.enlarge()

    def action_close(self) -> None:
        """It is over."""
        if self._alone:
            self.app.exit()
        else:
            self.dismiss(None)
