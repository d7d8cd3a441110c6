"""One panel of the live screen: border with title, numbers and chart. It reads nothing but the view it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from app.session.live.view import EMPTY, View
from app.ui.draw.box import box, inner_width
from app.ui.draw.chart import plot_width
from app.ui.draw.clock import clock_text
from app.ui.draw.look import LIVE, Look
from app.ui.draw.panel import Over, PanelKind, chart_rows, number_rows, panel_content
from app.ui.draw.rows import Row
from app.ui.widgets.drawn import Drawn

__all__ = ["Panel", "PanelKind"]


class Panel(Drawn, can_focus=True):
    """A panel. A mouse click gives it the focus, which its border shows by its shape."""

    class Pointed(Message):
        """A cell of its chart was clicked, counted from the chart's left."""

        def __init__(self, cell: int) -> None:
            super().__init__()
            self.cell = cell

    class Dragged(Message):
        """Its chart was taken hold of, and is pulled so many cells to the right of where that was."""

        def __init__(self, cells: int, *, begins: bool) -> None:
            super().__init__()
            self.cells = cells
            self.begins = begins

        def can_replace(self, message: Message) -> bool:
            """Of several that wait, the last alone is drawn; but each pull has its beginning."""
            return isinstance(message, Panel.Dragged) and not self.begins and not message.begins

    class Wheeled(Message):
        """The wheel was turned over it: −1 for less time in the chart, 1 for more."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

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
        self._held_at: int | None = None
        """The column of the screen where the chart was taken hold of."""
        self._pulled = False

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

    def on_click(self, event: events.Click) -> None:
        """Tell the screen which cell of the chart it was."""
        cell = self._cell(event.x)
        if cell is not None and not self._pulled:
            self.post_message(self.Pointed(cell))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the chart."""
        self._pulled = False
        if event.button == 1 and self._cell(event.x) is not None:
            self._held_at = event.screen_x
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pull it, while a button is down; a terminal tells of no other movement."""
        if self._held_at is None:
            return
        cells = event.screen_x - self._held_at
        if cells or self._pulled:
            self.post_message(self.Dragged(cells, begins=not self._pulled))
            self._pulled = True

    def on_mouse_up(self) -> None:
        """Let it go."""
        self._held_at = None
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Less time."""
        event.stop()
        self.post_message(self.Wheeled(-1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """More time."""
        event.stop()
        self.post_message(self.Wheeled(1))

    def _cell(self, x: int) -> int | None:
        """The cell of the chart in that column of the panel; None beside it."""
        inner = inner_width(self.size.width)
        cell = x - ((self.size.width - inner) // 2 + inner - plot_width(inner))
        return cell if 0 <= cell < plot_width(inner) else None

    def _axis(self) -> float | None:
        """The axis that the chart had, if it is still about the same thing."""
        of = (self._view.current.run if self._view.current else 0, self._gpu)
        kept = self._top if of == self._axis_of else None
        self._axis_of = of
        return kept

    def _over(self) -> Over:
        view = self._view
        return Over(view.marks, lambda at_ns: clock_text(view, at_ns, None))
