"""The knobs of a run: what can be changed while it goes on, and what a wrong value is told."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot

from app.ui.app import Viewer
from app.ui.screens.knobs import KnobBox, KnobDialog
from app.ui.screens.live import LiveScreen
from tests.ui import samples
from tests.ui.draw.why.samples import with_run
from tests.ui.fake import FakeWatch, drive
from workloads.wire.commands import SetKnob

VIEW = with_run(samples.cpu_view(), started=samples.started(parameters={"batch": 64, "precision": "float32"}))


def text(viewer: Viewer) -> str:
    return viewer.screen.query_one(KnobBox).render().plain


def test_a_value_that_is_typed_is_told_to_the_conductor() -> None:
    watch = FakeWatch(VIEW)

    async def turn(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("n", *"1299", "backspace", "backspace", "8")
        await pilot.pause()
        assert "batch" in text(viewer)
        assert "→ 128" in text(viewer)
        await pilot.press("enter")
        await pilot.pause()
        await viewer.workers.wait_for_complete()
        assert isinstance(viewer.screen, LiveScreen)

    drive(watch, turn)
    assert watch.told == [SetKnob(name="batch", value=128)]


def test_keys_that_come_at_once_are_taken_in_their_order() -> None:
    watch = FakeWatch(VIEW)

    async def turn(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("n")
        await pilot.pause()
        for key, character in (("1", "1"), ("9", "9"), ("backspace", None), ("2", "2"), ("8", "8"), ("enter", "\r")):
            viewer.post_message(events.Key(key, character))
        await pilot.pause()
        await viewer.workers.wait_for_complete()
        assert isinstance(viewer.screen, LiveScreen)

    drive(watch, turn)
    assert watch.told == [SetKnob(name="batch", value=128)]


def test_a_wrong_value_is_told_what_is_allowed_and_nothing_happens() -> None:
    watch = FakeWatch(VIEW)

    async def turn(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("n", *"many", "enter")
        await pilot.pause()
        assert "batch=many is no whole number; allowed: from" in text(viewer)
        await pilot.press("down", *"tf32", "enter")
        await pilot.pause()
        assert "precision=tf32 needs CUDA" in text(viewer)
        await pilot.press(*["backspace"] * 4, *"float32", "enter")
        await pilot.pause()
        assert "precision is float32 already" in text(viewer)
        await pilot.press("escape")
        assert isinstance(viewer.screen, LiveScreen)

    drive(watch, turn)
    assert watch.told == []


def test_a_run_without_knobs_says_so() -> None:
    started = samples.started(workload="exec", parameters={"command": "train.py"})
    watch = FakeWatch(with_run(VIEW, workload="exec", title="train.py", started=started))

    async def turn(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("n")
        assert [notice.message for notice in viewer._notifications] == [
            "train.py has nothing that can be changed while it runs"
        ]

    drive(watch, turn)


def test_the_dialog_goes_with_the_session() -> None:
    watch = FakeWatch(replace(VIEW))

    async def end(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(viewer.screen, KnobDialog)
        watch.ends()
        viewer.tick()
        await pilot.pause()
        assert isinstance(viewer.screen, LiveScreen)

    drive(watch, end)
