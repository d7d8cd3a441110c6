"""Why a run is not faster, as a widget: it remembers the run, the verdict that is marked, and how far one scrolled."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.live.view import EMPTY, RunView, View
from app.ui.draw.box import box, inner_width
from app.ui.draw.rows import Row
from app.ui.draw.why.found import verdicts_of
from app.ui.draw.why.page import Page, why_page
from app.ui.widgets.picture import Picture
from workloads.wire.frames import Verdict

STEP = 3
"""Rows that one key scrolls where there is no other verdict to go to."""


class WhyPanel(Picture):
    """The whole screen but its keys."""

    def __init__(self, view: View = EMPTY) -> None:
        super().__init__(view)
        self._run: int | None = None
        """None: the present run, whichever that is."""
        self._kind: str | None = None
        """Of the marked verdict; None: the primary one. It stays marked where others come or go."""
        self._first = 0

    @property
    def run(self) -> RunView | None:
        """The run that is told of."""
        chosen = next((run for run in self._view.runs if run.run == self._run), None)
        return chosen or self._view.current

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that is marked."""
        verdicts = self._verdicts
        return verdicts[self._selected] if verdicts else None

    def next_run(self, by: int) -> None:
        """Tell of another run that something is known of."""
        runs = [run.run for run in self._view.runs if run.verdicts or run.effects or run.profiles]
        if runs and self.run is not None:
            at = runs.index(self.run.run) if self.run.run in runs else 0
            self._run, self._kind, self._first = runs[(at + by) % len(runs)], None, 0
            self.refresh()

    def move(self, by: int) -> None:
        """Mark the next verdict, and see all of it; where there is none, or it is far, scroll."""
        page, wanted = self._page(), self._selected + by
        first, after = page.places[self._selected] if page.places else (0, 0)
        seen = self._first < after and first < self._first + self._height
        if page.places and seen and 0 <= wanted < len(page.places):
            self._kind = self._verdicts[wanted].kind
            self._see(page, *page.places[wanted])
        else:
            self.scroll_rows(by * STEP)

    def scroll_rows(self, by: int) -> None:
        """So many rows further down."""
        self._first = max(0, min(self._first + by, len(self._page().rows) - self._height))
        self.refresh()

    def scroll_pages(self, by: int) -> None:
        """As many rows as are seen."""
        self.scroll_rows(by * max(1, self._height - 1))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """The page from where it was scrolled to."""
        rows = self._page().rows
        self._first = max(0, min(self._first, len(rows) - max(0, height - 2)))
        shown = rows[self._first : self._first + max(0, height - 2)]
        return box(shown, self._title, self._note(len(rows)), width, height, focused=True)

    @property
    def _verdicts(self) -> tuple[Verdict, ...]:
        return verdicts_of(self.run)

    @property
    def _selected(self) -> int:
        kinds = [verdict.kind for verdict in self._verdicts]
        return kinds.index(self._kind) if self._kind in kinds else 0

    @property
    def _height(self) -> int:
        """Rows of the page that are seen."""
        return max(1, self.size.height - 2)

    @property
    def _title(self) -> str:
        run = self.run
        if run is None:
            return "Why it is not faster"
        whole = ", the whole run" if run.verdicts is not None and run.verdicts.whole else ""
        return f"Why {run.title or run.workload} is not faster{whole}"

    def _note(self, rows: int) -> str:
        if rows <= self._height:
            return ""
        return f"{self._first + 1} to {min(rows, self._first + self._height)} of {rows} lines"

    def _page(self) -> Page:
        return why_page(self._view, self.run, self._selected, inner_width(self.size.width))

    def _see(self, page: Page, first: int, after: int) -> None:
        """Scroll as little as shows these rows; where they are too many, their beginning."""
        if first < self._first:
            self._first = 0 if first == page.places[0][0] else first
        elif after > self._first + self._height:
            self._first = min(first, after - self._height)
        self.refresh()
