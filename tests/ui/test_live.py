"""The live screen: what it shows at which size, and what its keys do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from app.session.live.view import DeviceView, Reading, View
from app.ui.app import Ending, Viewer
from app.ui.layout import arrangement
from app.ui.screens.lines import EndLine, TabLine, TooSmallLine
from app.ui.screens.live import LiveScreen
from app.ui.screens.question import Question
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.panel import Panel
from app.ui.widgets.status import StatusLine
from tests.ui.fake import RUNNING, FakeWatch, drive
from workloads.wire.commands import EndRun, Stop


def shown_panels(viewer: Viewer) -> list[str]:
    """The kinds of the panels that can be seen."""
    return [panel.kind for panel in viewer.screen.query(Panel) if panel.display and panel.region.area]


def panels(viewer: Viewer) -> list[Panel]:
    return list(viewer.screen.query(Panel))


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
def test_all_four_panels_share_the_screen(size: tuple[int, int]) -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        assert shown_panels(viewer) == ["device", "memory", "throughput", "time"]
        assert len({panel.region.size for panel in panels(viewer)}) == 1
        assert not viewer.screen.query_one(TabLine).display

    drive(FakeWatch(), look, size)


def test_a_small_terminal_shows_one_panel_at_a_time_and_tab_goes_round() -> None:
    async def go_round(viewer: Viewer, pilot: Pilot[Any]) -> None:
        seen = [shown_panels(viewer)]
        for _ in range(4):
            await pilot.press("tab")
            await pilot.pause()
            seen.append(shown_panels(viewer))
        assert seen == [["device"], ["memory"], ["throughput"], ["time"], ["device"]]
        await pilot.press("shift+tab")
        await pilot.pause()
        assert shown_panels(viewer) == ["time"]
        assert viewer.screen.query_one(TabLine).display

    drive(FakeWatch(), go_round, (80, 18))


def test_a_terminal_below_the_smallest_says_how_large_it_must_be() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        assert shown_panels(viewer) == []
        line = viewer.screen.query_one(TooSmallLine)
        assert line.display
        assert "60×16" in line.render().plain
        await pilot.resize_terminal(140, 40)
        await pilot.pause()
        assert len(shown_panels(viewer)) == 4

    drive(FakeWatch(), look, (50, 10))


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [
        (140, 40, "grid"),
        (80, 24, "grid"),
        (80, 19, "tabs"),
        (75, 40, "tabs"),
        (60, 16, "tabs"),
        (59, 40, "nothing"),
        (140, 15, "nothing"),
    ],
)
def test_the_size_decides_the_arrangement(columns: int, rows: int, expected: str) -> None:
    assert arrangement(columns, rows) == expected


def test_the_first_view_is_there_before_the_first_tick() -> None:
    watch = FakeWatch()

    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        assert watch.looks >= 1
        assert viewer.view is RUNNING

    drive(watch, look)


def test_an_old_session_is_read_on_without_waiting_for_the_clock() -> None:
    """While the view says that it catches up, the next look follows at once."""
    watch = FakeWatch()
    looks: list[View] = []

    def look(now_ns: int, budget_s: float = 0.03) -> View:
        looks.append(watch.view)
        watch.becomes(catching_up=None if len(looks) > 20 else len(looks) / 21)
        return watch.view

    watch.look = look  # type: ignore[method-assign]

    async def wait(viewer: Viewer, pilot: Pilot[Any]) -> None:
        while viewer.view.catching_up is not None:
            await pilot.pause(0.01)
        assert len(looks) > 20

    drive(watch, wait)


def test_a_tick_that_comes_when_all_screens_are_closed_looks_no_more() -> None:
    watch, seen = FakeWatch(), []

    async def keep(viewer: Viewer, pilot: Pilot[Any]) -> None:
        seen.append(viewer)

    drive(watch, keep)
    looks = watch.looks
    seen[0].tick()
    assert watch.looks == looks


def test_space_holds_the_panels_and_the_status_goes_on() -> None:
    watch = FakeWatch()
    drawn: list[tuple[str, int]] = []

    async def freeze(viewer: Viewer, pilot: Pilot[Any]) -> None:
        panel, status = panels(viewer)[0], viewer.screen.query_one(StatusLine)
        panel.show = lambda view, **_: drawn.append(("panel", view.now_ns))  # type: ignore[method-assign]
        status.show = lambda view, look, _: drawn.append(  # type: ignore[method-assign,assignment,misc]
            (f"frozen {look.end_ns}", view.now_ns)
        )
        await pilot.press("space")
        drawn.clear()
        watch.becomes(now_ns=61_000_000_000)
        viewer.tick()
        assert drawn == [("frozen 60000000000", 61_000_000_000)]
        drawn.clear()
        await pilot.press("space")
        assert ("panel", 61_000_000_000) in drawn
        assert ("frozen None", 61_000_000_000) in drawn

    drive(watch, freeze)


def test_enter_enlarges_the_chosen_panel_and_gives_the_others_back() -> None:
    async def enlarge(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert shown_panels(viewer) == ["memory"]
        await pilot.press("enter")
        await pilot.pause()
        assert len(shown_panels(viewer)) == 4
        await pilot.press("enter")
        await pilot.press("escape")
        await pilot.pause()
        assert len(shown_panels(viewer)) == 4

    drive(FakeWatch(), enlarge)


def test_nothing_is_ever_mounted_anew() -> None:
    async def play(viewer: Viewer, pilot: Pilot[Any]) -> None:
        before = panels(viewer)
        await pilot.press("enter", "tab", "space", "space", "escape")
        await pilot.resize_terminal(70, 17)
        await pilot.resize_terminal(140, 40)
        viewer.tick()
        await pilot.pause()
        assert panels(viewer) == before

    drive(FakeWatch(), play)


def test_g_shows_the_next_gpu_and_comes_round() -> None:
    watch = FakeWatch()
    watch.becomes(gpus=(DeviceView(device="gpu0"), DeviceView(device="gpu1")))
    shown: list[int] = []

    async def step(viewer: Viewer, pilot: Pilot[Any]) -> None:
        panels(viewer)[0].show = lambda view, *, charts, gpu=0, look=None: shown.append(gpu)  # type: ignore[method-assign]
        await pilot.press("g")
        assert shown[-1] == 1
        await pilot.press("g")
        assert shown[-1] == 0

    drive(watch, step)


def test_the_gpu_of_the_workload_is_shown_until_another_is_asked_for() -> None:
    def gpus(own: int) -> tuple[DeviceView, ...]:
        return tuple(
            DeviceView(device=f"gpu{place}", readings={"own_processes": Reading(float(place == own), "nvml", 0)})
            for place in range(3)
        )

    watch = FakeWatch()
    watch.becomes(gpus=gpus(own=2))
    shown: list[int] = []

    async def step(viewer: Viewer, pilot: Pilot[Any]) -> None:
        panels(viewer)[0].show = lambda view, *, charts, gpu=0, look=None: shown.append(gpu)  # type: ignore[method-assign]
        live = viewer.screen
        assert isinstance(live, LiveScreen)
        live.show(watch.view, charts=True)
        assert shown[-1] == 2
        await pilot.press("g")
        assert shown[-1] == 0
        live.show(watch.view, charts=True)
        assert shown[-1] == 0

    drive(watch, step)


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
def test_quitting_a_running_session_asks_first(key: str) -> None:
    async def ask(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press(key)
        assert isinstance(viewer.screen, Question)

    assert drive(FakeWatch(), ask) is None


@pytest.mark.parametrize(
    ("keys", "ending", "told"),
    [
        (("s",), Ending.STOPPED, [Stop()]),
        (("enter",), Ending.STOPPED, [Stop()]),
        (("l",), Ending.LEFT_RUNNING, []),
        (("down", "enter"), Ending.LEFT_RUNNING, []),
        (("escape",), None, []),
        (("ctrl+c",), None, []),
        (("up", "enter"), None, []),
    ],
)
def test_the_answer_decides_what_becomes_of_the_session(
    keys: tuple[str, ...], ending: Ending | None, told: list[Stop]
) -> None:
    watch = FakeWatch()

    async def answer(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("q", *keys)
        await pilot.pause()
        await viewer.workers.wait_for_complete()

    assert drive(watch, answer) is ending
    assert watch.told == told


def test_a_session_that_is_over_is_left_at_once() -> None:
    async def leave(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("q")

    watch = FakeWatch()
    watch.ends()
    assert drive(watch, leave) is Ending.FINISHED


def test_the_screen_stays_when_the_session_ends_and_q_leaves() -> None:
    watch = FakeWatch()

    async def end(viewer: Viewer, pilot: Pilot[Any]) -> None:
        watch.ends()
        viewer.tick()
        await pilot.pause()
        assert viewer.is_running
        assert len(shown_panels(viewer)) == 4
        assert "done and saved" in viewer.screen.query_one(EndLine).words
        assert str(watch.folder.path) in viewer.screen.query_one(EndLine).words
        await pilot.press("q")

    assert drive(watch, end) is Ending.FINISHED


def test_a_question_that_no_longer_has_a_meaning_is_withdrawn() -> None:
    watch = FakeWatch()

    async def end(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("q")
        watch.ends()
        viewer.tick()
        await pilot.pause()
        assert not isinstance(viewer.screen, Question)

    assert drive(watch, end) is None


def test_a_conductor_that_is_gone_is_said_and_nobody_is_thrown_out() -> None:
    watch = FakeWatch()
    watch.gone = True

    async def stop(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("q", "s")
        await viewer.workers.wait_for_complete()
        await pilot.pause()
        assert viewer.is_running
        assert [notice.message for notice in viewer._notifications] == ["nobody answers"]

    assert drive(watch, stop) is None


def test_k_asks_before_it_ends_the_run() -> None:
    watch = FakeWatch()

    async def end(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("k", "enter")
        await viewer.workers.wait_for_complete()
        assert watch.told == []
        await pilot.press("k", "k")
        await viewer.workers.wait_for_complete()
        await pilot.pause()
        assert watch.told == [EndRun()]

    assert drive(watch, end) is None


def test_who_only_watches_can_stop_nothing_and_leaves_without_a_question() -> None:
    watch = FakeWatch()

    async def look() -> object:
        viewer = Viewer(watch, read_only=True)
        async with viewer.run_test(size=(140, 40)) as pilot:
            assert "end run" not in "".join(text for text, _ in viewer.screen.query_one(KeyLine).row(140))
            await pilot.press("k")
            assert not isinstance(viewer.screen, Question)
            await pilot.press("q")
        return viewer.return_value

    assert asyncio.run(look()) is Ending.LEFT_RUNNING
    assert watch.told == []


def test_k_says_so_when_there_is_no_run_to_end() -> None:
    watch = FakeWatch()
    watch.becomes(current=None)

    async def end(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("k")
        assert not isinstance(viewer.screen, Question)

    drive(watch, end)
