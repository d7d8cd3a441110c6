"""A comparison as a widget: it remembers what a person has chosen to see of it, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from app.session.results.comparison import Comparison, Pair
from app.ui.draw.compare.screen import PANELS, Look, draw_comparison
from app.ui.draw.rows import Row
from app.ui.widgets.drawn import Drawn


class ComparisonView(Drawn, can_focus=True):
    """The whole screen but its keys."""

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self._comparison = comparison
        self._look = Look()

    def next_pair(self, by: int) -> None:
        """Another pair, if there are several."""
        self._see(pair=(self._look.pair + by) % len(self._comparison.pairs), first=0)

    def next_panel(self, by: int) -> None:
        """The focus goes to another panel."""
        place = (PANELS.index(self._look.panel) + by) % len(PANELS)
        self._see(panel=PANELS[place], first=0)

    def move(self, by: int) -> None:
        """Another gauge where gauges have the focus, else rows further down."""
        if self._look.panel == "gauges":
            several = len(self._pair.telling_gauges)
            self._see(gauge=max(0, min(self._look.gauge + by, several - 1)))
        else:
            rows = 4 * sum(len(each) for each in (self._pair.differences, self._pair.metrics)) + 8
            self._see(first=max(0, min(self._look.first + by, rows)))

    def turn_axis(self) -> None:
        """Gauges by step, or by time again."""
        self._see(by_step=not self._look.by_step)

    def enlarge(self) -> None:
        """The panel with the focus alone, or all of them again."""
        self._see(alone=not self._look.alone)

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """As it is now."""
        return draw_comparison(self._comparison, self._look, width, height)

    @property
    def _pair(self) -> Pair:
        return self._comparison.pairs[self._look.pair]

    def _see(self, **changes: object) -> None:
        self._look = replace(self._look, **changes)
        self.refresh()
