"""The verdict on the live screen: there at every size, and not drawn again while it says the same."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from app.ui.app import Viewer
from app.ui.screens.why import WhyScreen
from app.ui.widgets.panel import Panel
from app.ui.widgets.status import StatusLine
from app.ui.widgets.verdict import VerdictPanel
from tests.ui.draw.text import lines_of
from tests.ui.draw.why.samples import INPUT, TRANSFER, why_view
from tests.ui.fake import FakeWatch, drive


@pytest.mark.parametrize(("size", "rows"), [((140, 40), 6), ((80, 24), 2), ((60, 16), 1)])
def test_the_primary_verdict_is_seen_at_every_size(size: tuple[int, int], rows: int) -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        panel = viewer.screen.query_one(VerdictPanel)
        await pilot.pause()
        assert panel.size.height == rows
        assert "input-bound: 58.2 %" in "\n".join(lines_of(panel._rows))

    drive(FakeWatch(why_view(INPUT, TRANSFER)), look, size)


def test_it_is_drawn_only_when_what_it_tells_has_changed() -> None:
    watch = FakeWatch(why_view(INPUT))
    drawn: list[int] = []

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        panel = viewer.screen.query_one(VerdictPanel)
        draw = panel.draw
        panel.draw = lambda width, height: (drawn.append(1), draw(width, height))[1]  # type: ignore[method-assign,func-returns-value]
        watch.becomes(now_ns=watch.view.now_ns + 10**9)
        viewer.tick()
        assert not drawn
        watch.view = why_view(TRANSFER)
        viewer.tick()
        assert drawn

    drive(watch, look)


def test_tab_goes_to_it_after_the_panels_and_enter_tells_all_of_it() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("shift+tab")
        assert viewer.screen.focused is viewer.screen.query_one(VerdictPanel)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(viewer.screen, WhyScreen)

    drive(FakeWatch(why_view(INPUT)), look)


def test_enter_on_a_verdict_freezes_the_charts_on_what_it_rests_on_and_escape_lets_them_go_on() -> None:
    watch = FakeWatch(why_view(INPUT))

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("w", "enter")
        await pilot.pause()
        throughput = "\n".join(lines_of(viewer.screen.query_one("#throughput", Panel)._rows))
        status = "".join(lines_of(viewer.screen.query_one(StatusLine)._rows))
        assert "FROZEN" in status
        assert "window" in throughput
        await pilot.press("right")
        await pilot.pause()
        throughput = "\n".join(lines_of(viewer.screen.query_one("#throughput", Panel)._rows))
        assert "▲" in throughput
        await pilot.press("escape")
        await pilot.pause()
        assert "FROZEN" not in "".join(lines_of(viewer.screen.query_one(StatusLine)._rows))

    drive(watch, look)
