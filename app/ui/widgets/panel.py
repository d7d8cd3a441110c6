"""One panel of the live screen: border with title, numbers and chart. It reads nothing but the view it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.view import EMPTY, View
from app.ui.draw.box import box
from app.ui.draw.look import LIVE, Look
from app.ui.draw.panel import Over, PanelKind, chart_rows, number_rows, panel_content
from app.ui.draw.rows import Row
from app.ui.draw.status import clock_text
from app.ui.widgets.drawn import Drawn

__all__ = ["Panel", "PanelKind"]


class Panel(Drawn, can_focus=True):
    """A panel. A mouse click gives it the focus, which its border shows by its shape."""

    def __init__(self, kind: PanelKind, *, id: str | None = None, sweep: bool = False) -> None:  # noqa: A002
        super().__init__(id=id)
        self.kind = kind
        self._sweep = sweep
        self._view = EMPTY
        self._gpu = 0
        self._look = LIVE
        self._chart: tuple[Row, ...] = ()
        self._chart_of: tuple[int, int, int] | None = None
        """Width, height and GPU that the kept chart was drawn for; None when it is out of date."""
        self._top: float | None = None
        self._axis_of: tuple[int, int] | None = None
        """Run and GPU that the axis belongs to: another one starts with an axis of its own."""

    def show(self, view: View, *, charts: bool, gpu: int = 0, look: Look = LIVE) -> None:
        """Draw this instant. `charts` False: only the rows of numbers may change this time."""
        self._view, self._gpu, self._look = view, gpu, look
        if charts:
            self._chart_of = None
        self.refresh()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The whole panel; the chart as it was, unless it is its turn."""
        content = panel_content(self.kind, self._view, self._gpu)
        head, feet = number_rows(content, width, height)
        wanted = (width, height, self._gpu)
        if self._chart_of != wanted:
            self._chart, self._top = chart_rows(
                content, width, height, self._axis(), sweep=self._sweep, look=self._look, over=self._over()
            )
            self._chart_of = wanted
        return box([*head, *self._chart, *feet], content.title, content.note, width, height, focused=self.has_focus)

    def _axis(self) -> float | None:
        """The axis that the chart had, if it is still about the same thing."""
        of = (self._view.current.run if self._view.current else 0, self._gpu)
        kept = self._top if of == self._axis_of else None
        self._axis_of = of
        return kept

    def _over(self) -> Over:
        view = self._view
        return Over(view.marks, lambda at_ns: clock_text(view, at_ns, None))
