"""The roofline screen: opened by a key, moving with the session, closed by escape."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from app.ui.app import Viewer
from app.ui.screens.live import LiveScreen
from app.ui.widgets.roofline import RooflinePanel
from tests.ui import samples
from tests.ui.draw.text import lines_of
from tests.ui.fake import FakeWatch, drive


def shown(viewer: Viewer) -> str:
    panel = viewer.screen.query_one(RooflinePanel)
    return "\n".join(lines_of(panel._rows))


@pytest.mark.parametrize("size", [(140, 40), (60, 16)])
def test_r_opens_it_and_escape_goes_back(size: tuple[int, int]) -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("r")
        await pilot.pause()
        assert viewer.screen.query(RooflinePanel)
        assert "Roofline NVIDIA H200" in shown(viewer)
        assert "×3" in shown(viewer)
        await pilot.press("escape")
        assert isinstance(viewer.screen, LiveScreen)

    drive(FakeWatch(samples.probed_view()), look, size)


def test_its_points_move_with_the_session_and_stay_when_it_is_over() -> None:
    watch = FakeWatch(samples.probed_view())
    train = watch.view.runs[2]

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("r")
        await pilot.pause()
        assert "431 TFLOP/s" in shown(viewer)
        watch.becomes(runs=(replace(train, samples_per_s=100_000.0),))
        watch.ends()
        viewer.tick()
        await pilot.pause()
        assert "80.0 TFLOP/s" in shown(viewer)

    drive(watch, look)


def test_other_devices_and_other_runs_are_a_key_away() -> None:
    view = samples.probed_view()
    many = tuple(replace(view.runs[2], run=number) for number in range(1, 13))
    on_cpu = replace(view.runs[0], run=13, started=samples.started())

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("r")
        await pilot.pause()
        assert "12 after" not in shown(viewer)
        await pilot.press("up", *("down",) * 7)
        await pilot.pause()
        assert " before  ↑↓" in shown(viewer)
        await pilot.press("up")
        await pilot.pause()
        assert "1 after" in shown(viewer), "beyond the end there is nothing to come back from"
        await pilot.press("g")
        await pilot.pause()
        assert "Roofline CPU" in shown(viewer)

    drive(FakeWatch(replace(view, runs=(*many, on_cpu))), look, (80, 24))


def test_before_anything_is_known_it_says_how_to_measure() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("r")
        await pilot.pause()
        assert "benchtop run probe" in shown(viewer)

    drive(FakeWatch(), look, (80, 24))
