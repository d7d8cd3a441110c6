"""The slowest steps or requests as a widget: it remembers which of them is marked."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.live.view import EMPTY, SlowSample, View
from app.ui.draw.box import box, inner_width
from app.ui.draw.rows import Row
from app.ui.draw.slow.page import slow_page
from app.ui.widgets.picture import Picture


class SlowPanel(Picture):
    """The whole screen but its keys."""

    def __init__(self, view: View = EMPTY) -> None:
        super().__init__(view)
        self._started_ns: int | None = None
        """Of the marked one, which stays marked where slower ones come; None: the slowest."""

    @property
    def sample(self) -> SlowSample | None:
        """The one that is marked."""
        return self._slow[self._selected] if self._slow else None

    def move(self, by: int) -> None:
        """Mark another."""
        if self._slow:
            self._started_ns = self._slow[(self._selected + by) % len(self._slow)].start_ns
            self.refresh()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """As it is now."""
        run = self._view.current
        rows = slow_page(self._view, run, self._selected, inner_width(width))
        what = "requests" if run is not None and run.kind == "requests" else "steps"
        note = "" if run is None else run.title or run.workload
        return box(rows[: max(0, height - 2)], f"Slowest {what}", note, width, height, focused=True)

    @property
    def _slow(self) -> tuple[SlowSample, ...]:
        return self._view.current.slow if self._view.current is not None else ()

    @property
    def _selected(self) -> int:
        starts = [sample.start_ns for sample in self._slow]
        return starts.index(self._started_ns) if self._started_ns in starts else 0
