"""The first picture: there before anything else, where the real one will be, and gone without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pyte
import pytest

from app.ui.terminal.skeleton import ENTER, picture, session_name
from tests.terminal import Terminal
from tests.ui.test_terminal import assert_left_whole, is_up, session

CORNERS = frozenset("╭╮╰╯┍┑")


def benchtop(home: Path, *arguments: str, columns: int = 140, rows: int = 40, **settings: str) -> Terminal:
    """The program on a terminal of its own."""
    command = (sys.executable, "-m", "app", *arguments)
    return Terminal(command, columns=columns, rows=rows, environment={"BENCHTOP_HOME": str(home), **settings})


def corners(screen: pyte.Screen) -> set[tuple[int, int]]:
    """Where frames have their corners."""
    return {(x, y) for y, line in enumerate(screen.display) for x, cell in enumerate(line) if cell in CORNERS}


def drawn(columns: int, rows: int) -> pyte.Screen:
    """A terminal that shows the skeleton."""
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed("".join(picture("a-session", columns, rows)))
    return screen


@pytest.mark.parametrize(("columns", "rows"), [(400, 100), (140, 40), (101, 31), (80, 24), (70, 30), (60, 16)])
def test_the_frames_stand_where_the_panels_will(tmp_path: Path, columns: int, rows: int) -> None:
    with session(tmp_path), benchtop(tmp_path, "attach", columns=columns, rows=rows) as viewer:
        viewer.until(lambda screen: "samples/s" in screen or "Device" in screen)
        viewer.press("\t\t")
        viewer.until(lambda screen: "samples/s" in screen)
        assert corners(drawn(columns, rows)) == corners(viewer.screen)


def test_the_first_that_is_sent_is_the_skeleton_with_the_sessions_name(tmp_path: Path) -> None:
    with session(tmp_path) as folder, benchtop(tmp_path, "attach") as viewer:
        assert viewer.pump(30)
        first = viewer.output().decode(errors="replace")
        assert first.startswith(ENTER)
        assert f"benchtop  {folder.name}  starting" in viewer.text()
        assert "╭" in first
        viewer.until(is_up)
        assert viewer.output().count(ENTER.encode()) == 1, "a second time would lose where the shell's cursor was"


def test_a_key_that_is_typed_meanwhile_is_obeyed_and_not_seen(tmp_path: Path) -> None:
    with session(tmp_path), benchtop(tmp_path, "attach") as viewer:
        viewer.until(lambda screen: "starting" in screen)
        viewer.press("ql")
        assert viewer.wait() == 0
        assert_left_whole(viewer)


@pytest.mark.parametrize("arguments", [("open", "nosuch"), ("run", "train/nope"), ("run", "train/digits", "--what")])
def test_what_cannot_be_done_is_said_on_the_shells_screen(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with benchtop(tmp_path, *arguments) as viewer:
        assert viewer.wait() == 2
        shell = viewer.output().partition(b"\x1b[?1049l")[2].decode()
        assert arguments[-1] in shell
        assert "Traceback" not in shell
        assert_left_whole_early(viewer)


def test_a_signal_while_it_stands_leaves_the_terminal_whole(tmp_path: Path) -> None:
    stub = "import app.ui.terminal.skeleton as s, os, sys, time\ns.FIRST_PICTURE.show(['open', 'x'], os.environ)\n"
    with Terminal((sys.executable, "-c", stub + "os.kill(os.getpid(), 15)"), columns=140, rows=40) as viewer:
        assert viewer.wait() == -15
        assert_left_whole_early(viewer)


def assert_left_whole_early(viewer: Terminal) -> None:
    """The shell's screen and its cursor are back."""
    _, _, after = viewer.output().partition(ENTER.encode())
    assert ENTER.encode() not in after
    assert b"\x1b[?1049l\x1b[?25h" in after


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("run", "train/digits", "infer/digits", "--set", "batch=4"), "train/digits  infer/digits"),
        (("run", "train/digits", "--name", "wider"), "wider"),
        (("run", "train/digits", "--name=wider"), "wider"),
        (("run", "train/digits", "--headless"), None),
        (("run", "train/digits", "--json"), None),
        (("open", "--refresh", "10", "digits"), "digits"),
        (("open", "di\x1bgits"), "digits"),
        (("attach",), None),
        (("ls",), None),
        ((), None),
        (("run", "--help"), None),
    ],
)
def test_what_the_arguments_tell_of_the_name(tmp_path: Path, arguments: tuple[str, ...], name: str | None) -> None:
    environment: Mapping[str, str] = {"BENCHTOP_HOME": str(tmp_path)}
    assert session_name(arguments, environment) == name


def test_nothing_is_drawn_where_nothing_fits() -> None:
    assert picture("x", 59, 40) == []


def test_ascii_is_all_that_is_sent_to_who_wants_no_more() -> None:
    assert "".join(picture("x", 140, 40, plain=True)).isascii()


def test_it_imports_next_to_nothing() -> None:
    code = "import app.__main__, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"typing", "re", "pathlib", "argparse", "msgspec", "rich", "textual"} & set(loaded.split())


def test_without_a_terminal_nothing_is_drawn(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app", "open", "x"]
    done = subprocess.run(command, env={**os.environ, "BENCHTOP_HOME": str(tmp_path)}, capture_output=True, check=False)
    assert b"\x1b" not in done.stdout + done.stderr
