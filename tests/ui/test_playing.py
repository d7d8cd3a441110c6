"""A saved session on the live screen: it stands at its end, and keys lead to any of its instants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from app.session.playing.player import Player
from app.ui.app import Viewer
from app.ui.screens.jump import JumpDialog
from app.ui.screens.lines import EndLine
from app.ui.screens.live import LiveScreen
from app.ui.screens.log import LogScreen
from app.ui.screens.why import WhyScreen
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.timeline import TimelineRow
from tests.session.frames import SECOND
from tests.session.playing.test_pair import Clock, player
from tests.session.playing.test_tape import session
from tests.ui.fake import FakeWatch, drive


def played(tmp_path: Path, deeds: Callable[[Viewer, Pilot[Any], Clock], Awaitable[None]]) -> None:
    """Drive the real app over a session on disk that is 28 s long."""
    clock = Clock()

    async def run(watch: Player) -> None:
        viewer = Viewer(watch, clock=clock)
        async with viewer.run_test(size=(140, 40)) as pilot:
            await pilot.pause()
            await deeds(viewer, pilot, clock)

    with closing(player(tmp_path, session(), clock)) as watch:
        asyncio.run(run(watch))


def seconds(viewer: Viewer) -> float:
    """Where one is."""
    assert viewer.view.played is not None
    return (viewer.view.now_ns - viewer.view.played.began_ns) / SECOND


def row(viewer: Viewer) -> str:
    line = viewer.screen.query_one(TimelineRow)
    return "".join(text for text, _ in line.row(line.size.width))


def test_keys_lead_through_a_session_that_is_over(tmp_path: Path) -> None:
    async def scrub(viewer: Viewer, pilot: Pilot[Any], clock: Clock) -> None:
        assert seconds(viewer) == 28
        assert "done and saved" in viewer.screen.query_one(EndLine).words
        assert row(viewer).startswith(" at the end 00:28.0 of 00:28.0    1×")
        assert ("space", "play") in viewer.screen.query_one(KeyLine)._entries
        expected = {
            "home": 0, "end": 28, "left_square_bracket": 27, "right_square_bracket": 28, "V": 13, "U": 0, "u": 21,
        }  # fmt: skip
        for key, at in expected.items():
            await pilot.press(key)
            assert round(seconds(viewer), 3) == at, key
        await pilot.press("V", "left_curly_bracket")
        assert round(seconds(viewer), 3) == 13.0
        run = viewer.view.current
        assert run is not None
        assert run.steps == round(10 * seconds(viewer))
        assert viewer.screen.query_one(EndLine).words == ""

    played(tmp_path, scrub)


def test_it_plays_at_its_speed_pauses_and_a_pause_says_nothing_of_silence(tmp_path: Path) -> None:
    async def play(viewer: Viewer, pilot: Pilot[Any], clock: Clock) -> None:
        await pilot.press("space")
        clock.now += 2 * SECOND
        viewer.tick()
        assert seconds(viewer) == 2
        await pilot.press("greater_than_sign")
        clock.now += SECOND
        viewer.tick()
        assert seconds(viewer) == 4
        assert row(viewer).startswith(" playing    00:04.0 of 00:28.0    2×")
        await pilot.press("space")
        clock.now += 500 * SECOND
        viewer.tick()
        assert seconds(viewer) == 4
        assert not any("no reading" in line for line in viewer.view.notices)
        assert viewer.view is viewer._watch.look(clock())

    played(tmp_path, play)


def test_charts_that_are_held_go_along_as_wide_as_they_are(tmp_path: Path) -> None:
    async def zoom(viewer: Viewer, pilot: Pilot[Any], clock: Clock) -> None:
        await pilot.press("plus", "left_square_bracket")
        screen = viewer.screen
        assert isinstance(screen, LiveScreen)
        assert (screen._look.state, screen._look.zoom, screen._look.end_ns) == ("frozen", -1, 27 * SECOND)
        assert screen._held.now_ns == 27 * SECOND
        await pilot.press("space")
        assert screen._look.state == "live"
        assert viewer.view.played is not None
        assert viewer.view.played.state == "paused"

    played(tmp_path, zoom)


def test_a_jump_is_typed_or_chosen_and_what_is_wrong_is_said(tmp_path: Path) -> None:
    async def jump(viewer: Viewer, pilot: Pilot[Any], clock: Clock) -> None:
        await pilot.press("j", *"50%", "enter")
        await pilot.pause()
        assert seconds(viewer) == 14
        await pilot.press("j", *"drift", "enter")
        await pilot.pause()
        assert round(seconds(viewer)) == 13
        await pilot.press("j", *"1:2x", "enter")
        assert isinstance(viewer.screen, JumpDialog)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(viewer.screen, LiveScreen)
        await pilot.press("m")
        assert "there is no mark after this instant" in row(viewer)

    played(tmp_path, jump)


def page_of(viewer: Viewer) -> type:
    return type(viewer.screen)


def test_pages_go_along_and_have_the_timeline_under_them(tmp_path: Path) -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any], clock: Clock) -> None:
        for page, kind in (("w", WhyScreen), ("l", LogScreen)):
            await pilot.press("end", page)
            await pilot.pause()
            assert page_of(viewer) is kind
            assert row(viewer).startswith(" at the end 00:28.0")
            await pilot.press("left_square_bracket", "V")
            assert row(viewer).startswith(" paused     00:13.0")
            assert viewer.view.now_ns == 13 * SECOND + 1
            await pilot.press("escape")
            await pilot.pause()
            assert page_of(viewer) is LiveScreen
            assert round(seconds(viewer)) == 13

    played(tmp_path, look)


def test_a_click_on_the_bar_jumps(tmp_path: Path) -> None:
    async def click(viewer: Viewer, pilot: Pilot[Any], clock: Clock) -> None:
        bar = row(viewer).index("│")
        await pilot.click(TimelineRow, offset=(bar, 0))
        await pilot.pause()
        assert seconds(viewer) == 0

    played(tmp_path, click)


def test_a_session_that_goes_on_has_no_timeline() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        assert not viewer.screen.query_one(TimelineRow).display
        await pilot.press("j", "m", "home", "right_square_bracket", "greater_than_sign")
        assert isinstance(viewer.screen, LiveScreen)

    drive(FakeWatch(), look)
