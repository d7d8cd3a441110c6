"""Looking at charts with keys and mouse: frozen, all of the session, nearer and farther, and one cursor."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from app.ui.app import Viewer
from app.ui.screens.live import LiveScreen
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.panel import Panel
from app.ui.widgets.status import StatusLine
from tests.ui import samples
from tests.ui.draw.text import lines_of
from tests.ui.fake import FakeWatch, drive


def status(viewer: Viewer) -> str:
    return "".join(lines_of(viewer.screen.query_one(StatusLine)._rows))


def chart(viewer: Viewer, panel: str = "throughput") -> list[str]:
    return lines_of(viewer.screen.query_one(f"#{panel}", Panel)._rows)


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        (("space",), "FROZEN"),
        (("f",), "FROZEN"),
        (("plus",), "FROZEN"),
        (("comma",), "FROZEN"),
        (("a",), "ALL"),
        (("a", "a"), " live "),
        (("f", "f"), " live "),
        (("a", "right"), "FROZEN"),
        (("minus", "escape"), " live "),
        (("right",), " live "),
    ],
)
def test_the_status_says_how_one_looks(keys: tuple[str, ...], state: str) -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        assert state in status(viewer)

    drive(FakeWatch(samples.cpu_view()), look)


def test_one_cursor_goes_through_all_charts_by_key_and_click() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("f", "right")
        await pilot.pause()
        places = {line.index("▲") for panel in ("device", "throughput") for line in chart(viewer, panel) if "▲" in line}
        assert len(places) == 1
        await pilot.click("#throughput", offset=(20, 5))
        await pilot.pause()
        for panel in ("device", "memory", "throughput", "time"):
            assert [line.index("▲") for line in chart(viewer, panel) if "▲" in line] == [20]

    drive(FakeWatch(samples.cpu_view()), look)


def test_while_charts_are_held_the_key_line_has_the_keys_that_move_them() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        keys = viewer.screen.query_one(KeyLine)
        await pilot.press("f")
        await pilot.pause()
        assert "space go on" in "".join(lines_of(keys._rows))
        assert "→ cursor  esc live" in "".join(lines_of(keys._rows)), "all of them, in 80 columns"
        await pilot.press("escape")
        await pilot.pause()
        assert "space freeze" in "".join(lines_of(keys._rows))

    drive(FakeWatch(samples.cpu_view()), look, (80, 24))


def test_a_chart_that_is_pulled_shows_what_was_earlier_and_gets_no_cursor() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("f")
        screen = viewer.screen
        assert isinstance(screen, LiveScreen)
        held = screen._look
        assert held.end_ns is not None
        for release in (26, 12):
            await pilot.mouse_down("#throughput", offset=(20, 5))
            await pilot.mouse_up("#throughput", offset=(release, 5))
            await pilot.pause()
            moved = held.end_ns - 2 * (release - 20) * held.column_ns
            assert screen._look.end_ns == min(moved, held.end_ns), "of the newest there is no later"
            screen._see(held)
        await pilot.mouse_down("#throughput", offset=(20, 5))
        await pilot.mouse_up("#throughput", offset=(23, 5))
        await pilot.hover("#throughput", offset=(40, 5))
        await pilot.pause()
        assert screen._look.end_ns == held.end_ns - 6 * held.column_ns, "it was let go"
        assert screen._look.cursor_ns is None

    drive(FakeWatch(samples.cpu_view()), look)


def test_a_click_on_a_live_chart_only_gives_it_the_focus() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.click("#throughput", offset=(20, 5))
        await pilot.pause()
        assert " live " in status(viewer)

    drive(FakeWatch(samples.cpu_view()), look)


def test_what_was_frozen_stays_while_the_session_goes_on() -> None:
    watch = FakeWatch(samples.cpu_view())

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("f")
        await pilot.pause()
        before = chart(viewer)
        watch.view = samples.cpu_view(samples.NOW + 60 * samples.SECOND)
        viewer.tick()
        viewer.tick()
        await pilot.pause()
        assert chart(viewer) == before
        await pilot.press("f")
        await pilot.pause()
        assert chart(viewer) != before

    drive(watch, look)
