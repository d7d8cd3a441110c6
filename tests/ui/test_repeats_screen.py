"""The repeats on the screen: under the panels where there is room, and on a screen of their own."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from app.ui.app import Viewer
from app.ui.screens.live import LiveScreen
from app.ui.widgets.repeats import RepeatsPanel, RepeatsStrip
from tests.ui.draw.test_repeats import VIEW, variant
from tests.ui.draw.text import lines_of
from tests.ui.fake import RUNNING, FakeWatch, drive

REPEATING = replace(RUNNING, variants=VIEW.variants, until=0.01)


@pytest.mark.parametrize("size", [(140, 40), (60, 16)])
def test_e_opens_them_and_escape_goes_back(size: tuple[int, int]) -> None:
    watch = FakeWatch(REPEATING)

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await pilot.pause()
        panel = viewer.screen.query_one(RepeatsPanel)
        assert "3 of 5" in "\n".join(lines_of(panel._rows))
        watch.becomes(variants=(variant(1, (100.0, 101.0, 99.0, 100.0)),))
        viewer.tick()
        await pilot.pause()
        assert "4 of 5" in "\n".join(lines_of(panel._rows)), "they move with the session"
        await pilot.press("escape")
        assert isinstance(viewer.screen, LiveScreen)

    drive(watch, look, size)


@pytest.mark.parametrize(("size", "there"), [((140, 40), True), ((80, 24), False)])
def test_they_stand_under_the_panels_where_there_is_room(size: tuple[int, int], there: bool) -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        strip = viewer.screen.query_one(RepeatsStrip)
        await pilot.pause()
        assert (strip.size.height == 5) is there
        await pilot.press("enter")
        await pilot.pause()
        assert not strip.size.height or not strip.display or not there, "an enlarged panel has the screen"

    drive(FakeWatch(REPEATING), look, size)


def test_without_repeats_there_is_no_strip_and_the_key_is_not_offered() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        assert not viewer.screen.query_one(RepeatsStrip).display
        await pilot.press("e")
        await pilot.pause()
        assert "nothing is repeated here" in "\n".join(lines_of(viewer.screen.query_one(RepeatsPanel)._rows))

    drive(FakeWatch(), look)
