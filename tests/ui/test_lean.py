"""What goes down the line shows exactly what Textual composed, and no more frames than the terminal takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace
from textual.driver import Driver
from textual.messages import TerminalSupportsSynchronizedOutput
from textual.pilot import Pilot

from app.session.view import LogLine, Quantiles
from app.ui.terminal.lean import ASK
from tests.ui.fake import RUNNING, FakeWatch
from tests.ui.replay import WiredViewer, expected, fed, picture

Steps = Callable[[WiredViewer, Pilot[Any]], Awaitable[None]]


def drive(watch: FakeWatch, steps: Steps) -> None:
    async def run() -> None:
        viewer = WiredViewer(watch)
        async with viewer.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            await steps(viewer, pilot)

    asyncio.run(run())


def assert_shown(viewer: WiredViewer) -> None:
    """The terminal shows what it shall."""
    width, height = viewer.size
    assert picture(fed("".join(viewer.wire.sent), width, height)) == expected(viewer)


def test_whatever_is_done_the_terminal_shows_what_was_composed() -> None:
    watch = FakeWatch()
    log = tuple(LogLine(number, "info", "stdout", f"line {number} 漢語", 1) for number in range(200))

    async def play(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        assert_shown(viewer)
        for keys in (("tab",), ("enter",), ("escape",), ("q",), ("down",), ("escape",), ("l",), ("home",), ("q",)):
            await pilot.press(*keys)
            await pilot.pause()
            assert_shown(viewer)
            watch.becomes(now_ns=watch.view.now_ns + 1_000_000_000, log=log, saved_bytes=watch.view.saved_bytes + 99)
            assert watch.view.current is not None
            times = Quantiles(1e6, 2e6, 3e6, 4e6 + watch.view.saved_bytes, 5)
            watch.becomes(current=replace(watch.view.current, times=times))
            viewer.tick()
            await pilot.pause()
            assert_shown(viewer)
        viewer.notify("something happened")
        await pilot.pause()
        await pilot.pause()
        assert_shown(viewer)

    drive(watch, play)


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
    watch = FakeWatch()

    async def pace(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        viewer.post_message(TerminalSupportsSynchronizedOutput())
        await pilot.pause()
        await pilot.press("tab")
        await pilot.pause()
        assert viewer.wire.sent[-1].endswith(ASK)
        count = len(viewer.wire.sent)
        await pilot.press("tab", "tab", "enter")
        await pilot.pause()
        assert len(viewer.wire.sent) == count
        viewer.post_message(TerminalSupportsSynchronizedOutput())
        await pilot.pause()
        assert len(viewer.wire.sent) == count + 1
        assert_shown(viewer)

    drive(watch, pace)


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


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHTOP_LEAN", "0")

    async def look(viewer: WiredViewer, pilot: Pilot[Any]) -> None:
        await pilot.press("tab")
        await pilot.pause()
        assert viewer._cells is None
        assert "Throughput" in "".join(viewer.wire.sent)

    drive(FakeWatch(RUNNING), look)
