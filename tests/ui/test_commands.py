"""One table of commands: bindings, key line, palette and help say the same."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from app.session.live.view import EMPTY, DeviceView, LogLine, View
from app.ui.app import Viewer
from app.ui.commands import ALWAYS, COMMANDS, available, bindings, key_entries, looking_entries, playing_entries
from app.ui.draw.status import keys_row
from app.ui.numbers import DERIVED, gauge_numbers, unit_of
from app.ui.playing_commands import PLAYS
from app.ui.screens.help import HelpScreen, help_lines
from app.ui.screens.live import LiveScreen
from app.ui.screens.log import LogScreen, log_texts
from app.ui.screens.text import TextLines, TextScreen
from tests.ui.fake import RUNNING, FakeWatch, drive
from workloads.wire.gauges import GAUGES


def test_no_key_means_two_things() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


def test_every_command_is_an_action_of_the_live_screen() -> None:
    assert all(hasattr(LiveScreen, f"action_{command.action}") for command in COMMANDS)


def test_every_command_is_bound_and_in_help_and_palette() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        offered = {command.title for command in viewer.get_system_commands(viewer.screen)}
        assert offered == {command.title for command in COMMANDS if command.action not in PLAYS | {"palette"}}

    drive(FakeWatch(), look)
    text = "\n".join(line.plain for line in help_lines(200))
    assert all(command.help in text for command in COMMANDS)
    assert len(bindings()) == len(COMMANDS)


def test_the_key_line_has_only_what_can_be_done() -> None:
    assert ("k", "end run") not in key_entries(ALWAYS)
    assert ("k", "end run") in key_entries(ALWAYS | {"end_run"})


def test_keys_that_need_something_are_there_when_it_is() -> None:
    assert "end_run" in available(RUNNING)
    assert "end_run" not in available(EMPTY)
    gpus = (DeviceView(device="gpu0"), DeviceView(device="gpu1"))
    assert "next_gpu" in available(View(name="", now_ns=0, gpus=gpus))
    assert "next_gpu" not in available(View(name="", now_ns=0, gpus=gpus[:1]))


def test_a_long_line_of_the_log_is_wrapped_under_itself() -> None:
    texts = log_texts(EMPTY, LogLine(0, "error", "stderr", "word " * 40, 1), 80)
    assert len(texts) > 1
    assert max(text.cell_len for text in texts) <= 80
    assert "stderr" in texts[0].plain
    assert texts[1].plain.startswith(" " * 30 + "word")


def test_the_help_explains_every_gauge_and_every_derived_number() -> None:
    text = "\n".join(line.plain for line in help_lines(500))
    for gauge in GAUGES.values():
        assert gauge.label in text
        assert gauge.meaning in text
    for number in (*DERIVED, *gauge_numbers()):
        assert f"{number.label}  {number.unit} · {number.source}" in text


def test_every_gauge_has_the_unit_that_its_name_ends_with() -> None:
    assert unit_of("dram_bytes_per_s") == "B/s"
    assert unit_of("memory_used_bytes") == "B"
    assert unit_of("memory_temperature_c") == "°C"
    assert unit_of("clock_event_reasons") == "bits"
    assert unit_of("threads") == "count"


def test_the_help_fits_the_width_it_is_given() -> None:
    assert max(line.cell_len for line in help_lines(60)) <= 62


def test_help_opens_scrolls_and_closes() -> None:
    async def read(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        screen = viewer.screen
        assert isinstance(screen, HelpScreen)
        await pilot.press("end")
        while not screen.query_one(TextLines).is_vertical_scroll_end:
            await pilot.pause(0.01)
        await pilot.press("question_mark")
        assert isinstance(viewer.screen, LiveScreen)

    drive(FakeWatch(), read, (80, 24))


def test_the_log_shows_time_origin_and_what_comes_later() -> None:
    watch = FakeWatch()

    async def read(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("l")
        await pilot.pause()
        screen = viewer.screen
        assert isinstance(screen, LogScreen)
        lines = screen.query_one(TextLines)
        assert "stdout" in lines.line_texts[0]
        assert "hello from the workload" in lines.line_texts[0]
        line = watch.view.log[0]
        watch.becomes(log=(line,) * 200)
        viewer.tick()
        await pilot.pause()
        assert len(lines.line_texts) == 200
        assert lines.is_vertical_scroll_end
        await pilot.press("home")
        watch.becomes(log=(line,) * 300)
        viewer.tick()
        await pilot.pause()
        assert lines.scroll_offset.y == 0
        await pilot.press("q")
        assert isinstance(viewer.screen, LiveScreen)

    drive(watch, read)


@pytest.mark.parametrize("width", [60, 80])
def test_the_help_stands_in_every_key_line_however_narrow(width: int) -> None:
    page = TextScreen("Page")
    lines = (
        keys_row(key_entries(ALWAYS), width),
        keys_row(looking_entries(), width),
        keys_row(playing_entries(ALWAYS | PLAYS, "paused"), width),
        page._line.row(width),
    )
    assert all("? help" in "".join(piece for piece, _ in line) for line in lines)
    assert "? help" not in "".join(piece for piece, _ in HelpScreen()._line.row(width))


def test_the_help_of_a_page_begins_with_its_own_keys() -> None:
    lines = [line.plain for line in help_lines(80, (("t", "align"),))]
    assert lines[:2] == ["Keys of this page", "t          align"]
