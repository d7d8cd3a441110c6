"""The verdicts on a screen of their own, and what can be asked of the present run there and on the live screen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from app.session.live.view import View
from app.ui.app import Viewer
from app.ui.screens.knobs import KnobDialog
from app.ui.screens.live import LiveScreen
from app.ui.screens.question import OptionBox, Question
from app.ui.screens.why import WhyScreen
from app.ui.widgets.why import WhyPanel
from tests.ui.draw.text import lines_of
from tests.ui.draw.why.samples import COMPUTE, EFFECT, INPUT, PROFILE, TRANSFER, why_view, with_run
from tests.ui.fake import FakeWatch, drive
from workloads.wire.commands import AnyCommand, TakeProfile, Try

THREE = why_view(INPUT, replace(TRANSFER, experiment="double-batch"), COMPUTE)


def page(viewer: Viewer) -> str:
    return "\n".join(lines_of(viewer.screen.query_one(WhyPanel)._rows))


def said(viewer: Viewer) -> list[str]:
    return [notice.message for notice in viewer._notifications]


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 16)])
def test_w_opens_it_it_follows_the_session_and_escape_goes_back(size: tuple[int, int]) -> None:
    watch = FakeWatch(THREE)

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("w")
        await pilot.pause()
        assert "▸✗ input-bound" in page(viewer)
        watch.view = why_view(TRANSFER)
        viewer.tick()
        await pilot.pause()
        assert "▸⚠ transfer-bound" in page(viewer)
        await pilot.press("escape")
        assert isinstance(viewer.screen, LiveScreen)

    drive(watch, look, size)


def test_every_verdict_can_be_marked_and_the_rest_scrolled_to_in_a_small_terminal() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("w", "down")
        await pilot.pause()
        assert "▸⚠ transfer-bound" in page(viewer)
        await pilot.press("down")
        await pilot.pause()
        assert "▸✓ compute-bound" in page(viewer)
        assert "SM active" in page(viewer), "all of it is seen"
        await pilot.press("end")
        await pilot.pause()
        assert "Not looked into" in page(viewer)
        await pilot.press("home", "up", "up")
        await pilot.pause()
        assert "input-bound" in page(viewer)

    watch = FakeWatch(replace(THREE, current=None))
    watch.view = with_run(THREE, effects=(EFFECT,), profiles=(PROFILE,))
    drive(watch, look, (80, 24))


def test_the_marked_verdict_stays_marked_when_another_comes_before_it() -> None:
    watch = FakeWatch(why_view(INPUT, TRANSFER))

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("w", "down")
        watch.view = why_view(COMPUTE, INPUT, TRANSFER)
        viewer.tick()
        await pilot.pause()
        assert "▸⚠ transfer-bound" in page(viewer)

    drive(watch, look)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (("x", "x"), [Try(experiment="resident-batch", blocks=10)]),
        (("x", "escape"), []),
        (("x", "down", "enter"), [Try(experiment="double-batch", blocks=10)]),
        (("x", "2"), [Try(experiment="double-batch", blocks=10)]),
        (("w", "down", "x", "enter"), [Try(experiment="double-batch", blocks=10)]),
        (("p", "p"), [TakeProfile(steps=10)]),
        (("w", "p", "l"), [TakeProfile(steps=50)]),
        (("p", "escape"), []),
    ],
)
def test_what_was_asked_and_answered_is_told_to_the_conductor(keys: tuple[str, ...], told: list[AnyCommand]) -> None:
    watch = FakeWatch(THREE)

    async def ask(viewer: Viewer, pilot: Pilot[Any]) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await viewer.workers.wait_for_complete()
        await pilot.pause()

    drive(watch, ask)
    assert watch.told == told


def test_the_question_says_what_will_happen_and_how_long_it_takes() -> None:
    async def ask(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await pilot.pause()
        text = viewer.screen.query_one(OptionBox).render().plain
        assert "one resident batch again and again" in text
        assert "about 10 s" in text

    drive(FakeWatch(THREE), ask)


def test_x_ends_the_experiment_that_is_under_way_without_a_question() -> None:
    watch = FakeWatch(why_view(INPUT, effects=(EFFECT,)))

    async def ask(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await pilot.pause()
        await viewer.workers.wait_for_complete()
        assert not isinstance(viewer.screen, Question)

    drive(watch, ask)
    assert watch.told == [Try(experiment="")]


@pytest.mark.parametrize("key", ["x", "p", "n"])
@pytest.mark.parametrize(
    ("view", "read_only", "why"),
    [
        (THREE, True, "read-only"),
        (with_run(THREE, state="done"), False, "no run is going on"),
        (replace(THREE, state="done"), False, "no run is going on"),
        (replace(THREE, current=None), False, "no run is going on"),
    ],
)
def test_what_does_not_apply_is_refused_in_a_line(key: str, view: View, read_only: bool, why: str) -> None:
    watch = FakeWatch(view)

    async def ask() -> None:
        viewer = Viewer(watch, read_only=read_only)
        async with viewer.run_test(size=(140, 40)) as pilot:
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(viewer.screen, LiveScreen)
            assert [line for line in said(viewer) if why in line]

    asyncio.run(ask())
    assert watch.told == []


def test_where_nothing_can_be_tried_it_says_why() -> None:
    view = why_view(COMPUTE)
    assert view.current is not None
    assert view.current.started is not None
    alone = with_run(view, started=replace(view.current.started, workload="probe/launch"))

    async def ask(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        assert said(viewer) == ["nothing can be tried on this run: resident-batch is no experiment of probe/launch"]

    drive(FakeWatch(alone), ask)


def test_a_question_about_a_run_is_withdrawn_when_the_session_is_over() -> None:
    watch = FakeWatch(THREE)

    async def end(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("w", "x")
        await pilot.pause()
        watch.ends()
        viewer.tick()
        await pilot.pause()
        assert isinstance(viewer.screen, WhyScreen)
        assert not isinstance(viewer.screen, KnobDialog)

    drive(watch, end)
