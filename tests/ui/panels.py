"""A small app around the widgets, to test, look at and measure them: `python -m tests.ui.panels gpu`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from textual.app import App, ComposeResult
from textual.containers import Grid

from app.session.live.view import View
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.notice import NoticeLine
from app.ui.widgets.panel import Panel, PanelKind
from app.ui.widgets.plan import PlanLine
from app.ui.widgets.status import StatusLine
from tests.ui import samples

KINDS: tuple[PanelKind, ...] = ("device", "memory", "throughput", "time")
KEYS = (("q", "quit"), ("space", "freeze"), ("⏎", "enlarge"), ("tab", "next panel"), ("l", "log"), ("?", "help"))


class PanelsApp(App[None]):
    """Four panels and the lines around them."""

    CSS = """
    StatusLine, NoticeLine, PlanLine, KeyLine { height: 1; }
    Grid { grid-size: 2 2; height: 1fr; }
    Panel { width: 1fr; height: 1fr; }
    """

    def __init__(self, source: Callable[[int], View], *, running: bool = False) -> None:
        super().__init__()
        self._source = source
        self._running_source = running
        self._ticks = 0

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield NoticeLine()
        with Grid():
            for kind in KINDS:
                yield Panel(kind, id=kind)
        yield PlanLine()
        yield KeyLine(KEYS)

    def on_mount(self) -> None:
        self.show(samples.NOW, charts=True)
        if self._running_source:
            began = time.monotonic_ns()
            self.set_interval(0.25, lambda: self.tick(samples.NOW + time.monotonic_ns() - began))

    def tick(self, now_ns: int) -> None:
        self._ticks += 1
        self.show(now_ns, charts=self._ticks % 2 == 1)

    def show(self, now_ns: int, *, charts: bool) -> None:
        view = self._source(now_ns)
        self.query_one(StatusLine).show(view)
        self.query_one(NoticeLine).show(view)
        for panel in self.query(Panel):
            panel.show(view, charts=charts)
        self.query_one(PlanLine).show(view)


if __name__ == "__main__":
    views: dict[str, Callable[[int], View]] = {"gpu": samples.h200_view, "cpu": samples.cpu_view}
    app = PanelsApp(views[sys.argv[1]], running=True)
    app.theme = "ansi-dark" if "ansi" in sys.argv else app.theme
    app.run()
