"""What goes down the line shows exactly what Textual composed, and no more frames than the terminal takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.driver import Driver
from textual.pilot import Pilot

from app.ui.display import DEFAULT, Display
from app.ui.terminal.lean import ASK
from app.ui.terminal.pace import Pace
from tests.ui.fake import RUNNING, FakeWatch
from tests.ui.replay import WiredViewer, expected, fed, picture
from tests.ui.walk import walk

Steps = Callable[[WiredViewer, Pilot[Any]], Awaitable[None]]


class SlowPace(Pace):
    """Of a line that is known to take 500 bytes a frame."""

    def answered(self, now_s: float) -> None:
        super().answered(now_s)
        self.most = 500


def drive(watch: FakeWatch, steps: Steps, display: Display = DEFAULT) -> None:
    async def run() -> None:
        viewer = WiredViewer(watch, display)
        async with viewer.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            await steps(viewer, pilot)

    asyncio.run(run())


def assert_shown(viewer: WiredViewer) -> None:
    """The terminal shows what it shall."""
    width, height = viewer.size
    assert picture(fed("".join(viewer.wire.sent), width, height)) == expected(viewer)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_done_the_terminal_shows_what_was_composed(seed: int) -> None:
    walked = asyncio.run(walk(seed, lambda walking: walking.frames >= 60))
    assert walked.wrong == []


def test_after_a_resize_the_whole_screen_is_sent_again() -> None:
    async def resize(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        for size in ((60, 18), (40, 10), (100, 30)):
            viewer.wire.sent.clear()
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert_shown(viewer)

    drive(FakeWatch(), resize)


def test_after_the_shell_had_the_terminal_all_is_sent_again() -> None:
    async def resume(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        viewer.wire.sent.clear()
        viewer.post_message(Driver.SignalResume())
        await pilot.pause()
        await pilot.pause()
        assert_shown(viewer)

    drive(FakeWatch(), resume)


def test_a_terminal_that_answers_is_sent_the_next_frame_only_after_its_answer() -> None:
    async def pace(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        viewer.wire.answers = False
        await pilot.press("tab")
        await pilot.pause()
        assert viewer.wire.sent[-1].endswith(ASK)
        count = len(viewer.wire.sent)
        await pilot.press("tab", "tab", "enter")
        await pilot.pause()
        assert len(viewer.wire.sent) == count
        viewer.wire.answer()
        await pilot.pause()
        assert len(viewer.wire.sent) == count + 1
        viewer.wire.answers = True
        viewer.wire.answer()
        await pilot.pause()
        assert_shown(viewer)

    drive(FakeWatch(), pace)


def test_on_a_slow_line_small_updates_go_first_in_frames_of_bounded_size() -> None:
    """A key is painted before the rest of a larger picture, and in the end all of it is there."""

    async def press(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        viewer.pace = SlowPace()
        viewer.pace.most = 500
        viewer.wire.answers = False
        viewer.wire.sent.clear()
        viewer.forget()
        await pilot.pause()
        assert 500 <= len(viewer.wire.sent[-1].encode()) < 1200
        await pilot.press("space")
        await pilot.pause()
        viewer.wire.answer()
        await pilot.pause()
        assert "FROZEN" in viewer.wire.sent[1]
        for _ in range(60):
            viewer.wire.answer()
            await pilot.pause()
        assert max(len(sent.encode()) for sent in viewer.wire.sent) < 1200
        assert_shown(viewer)

    drive(FakeWatch(), press)


def test_a_terminal_that_takes_nothing_is_sent_nothing_and_catches_up_in_one_frame() -> None:
    async def stall(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        viewer.wire.backlog = 1
        count = len(viewer.wire.sent)
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert len(viewer.wire.sent) == count
        viewer.wire.backlog = 0
        while len(viewer.wire.sent) == count:
            await pilot.pause(0.01)
        assert_shown(viewer)

    drive(FakeWatch(), stall)


def test_without_the_diff_all_that_may_have_changed_is_sent_again() -> None:
    async def look(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        viewer.wire.sent.clear()
        viewer.refresh()
        await pilot.pause()
        assert_shown(viewer)
        assert "Throughput" in "".join(viewer.wire.sent)

    drive(FakeWatch(RUNNING), look, Display(diff=False))


def test_with_the_diff_what_is_drawn_again_alike_is_not_sent() -> None:
    async def look(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        viewer.wire.sent.clear()
        viewer.refresh()
        await pilot.pause()
        assert viewer.wire.sent == []

    drive(FakeWatch(RUNNING), look)
