"""The viewer on a real pseudo-terminal, over real sessions: it comes up, obeys, and leaves both whole."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.analysis.finishing.finish import finish
from app.session.store.folder import SessionFolder
from app.session.store.lock import is_locked
from tests.analysis.journals import journalled
from tests.conductor.harness import conducted, journal, plan_of, until
from tests.session.playing.test_tape import session as recorded
from tests.terminal import Terminal
from workloads.wire.frames import Overhead, Steps

ROOT = Path(__file__).parents[2]
LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1002l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?7h")
"""The shell's screen, the cursor, no mouse, no paste marks, wrapping."""

ATTACH = (sys.executable, "-m", "app", "attach")


@contextlib.contextmanager
def session(tmp_path: Path, deed: str = "waits") -> Iterator[SessionFolder]:
    """A session that goes on, with steps in its journal."""
    with conducted(tmp_path / "sessions", plan_of(deed)) as (folder, _):
        until(lambda: any(isinstance(frame, Steps) for frame in journal(folder)))
        yield folder


def terminal(tmp_path: Path, *command: str, **settings: str) -> Terminal:
    """The viewer on a terminal of its own."""
    environment = {"BENCHTOP_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "COLORTERM": "", **settings}
    return Terminal(command or ATTACH, columns=140, rows=40, environment=environment)


def is_up(screen: str) -> bool:
    """Whether numbers of the session stand there, whole: the keys are drawn last."""
    return "Throughput" in screen and "samples/s" in screen and screen.splitlines()[-1].startswith(" q quit")


def folder_of(tmp_path: Path) -> str:
    """The name of the one session."""
    return next((path.name for path in (tmp_path / "sessions").iterdir()), "not made yet")


def assert_left_whole(viewer: Terminal) -> None:
    """The shell can go on as if nothing had been."""
    rest = viewer.output().rpartition(b"\x1b[?1049h")[2]
    assert [code for code in LEFT if code not in rest] == []
    assert b"Traceback" not in rest
    local = termios.tcgetattr(viewer._master)[3]
    assert local & termios.ECHO
    assert local & termios.ICANON


def test_attach_shows_live_numbers_obeys_keys_and_fits_every_size(tmp_path: Path) -> None:
    with session(tmp_path) as folder, terminal(tmp_path) as viewer:
        viewer.until(is_up)
        viewer.press("?")
        # Its keys are drawn last. An escape with another key right behind it would be alt and that key.
        viewer.until(lambda screen: "Leave." in screen and "↑↓ scroll" in screen)
        viewer.press("\x1b")
        viewer.until(is_up)
        viewer.press("l")
        viewer.until(lambda screen: "a processor" in screen and "↑↓ scroll" in screen)
        viewer.press("\x1b")
        viewer.until(is_up)
        viewer.press("w")
        viewer.until(lambda screen: "Why train/digits is not faster" in screen and "its window" in screen)
        viewer.press("\x1b")
        viewer.until(is_up)
        viewer.resize(80, 24)
        viewer.until(lambda screen: is_up(screen) and "quit" in screen.splitlines()[23])
        viewer.resize(50, 10)
        viewer.until(lambda screen: "60×16" in screen)
        viewer.resize(140, 40)
        viewer.until(is_up)
        viewer.press("q")
        viewer.until(lambda screen: "Leave it running" in screen)
        viewer.press("l")
        assert viewer.wait() == 0
        assert_left_whole(viewer)
        assert is_locked(folder)
        assert f"benchtop attach {folder.name}" in viewer.text().replace("\n", ""), "from where the cursor was"
        costs = [frame for frame in journal(folder) if isinstance(frame, Overhead) and frame.role == "viewer"]
        assert costs[-1].bytes_to_terminal is not None
        said_at_last = len(f"{folder.name} goes on; `benchtop attach {folder.name}` comes back to it\r\n")
        assert costs[-1].bytes_to_terminal == len(viewer.output()) - said_at_last


def test_run_comes_up_and_q_s_stops_and_saves(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.ui.run_small", str(tmp_path / "sessions"), "waits")
    with terminal(tmp_path, *command) as viewer:
        viewer.until(is_up)
        viewer.press("qs")
        assert viewer.wait() == 0
        assert_left_whole(viewer)
    (folder,) = (SessionFolder(path) for path in (tmp_path / "sessions").iterdir())
    assert folder.manifest.is_file()
    assert not is_locked(folder)


def test_without_a_command_a_running_session_can_be_chosen(tmp_path: Path) -> None:
    with session(tmp_path) as folder, terminal(tmp_path, sys.executable, "-m", "app") as viewer:
        viewer.until(lambda screen: "train/digits" in screen and "running" in screen)
        viewer.press("\t\r")
        viewer.until(is_up)
        viewer.press("ql")
        assert viewer.wait() == 0
        assert_left_whole(viewer)
        assert is_locked(folder)


@pytest.mark.parametrize(
    ("settings", "colours"),
    [
        ({"NO_COLOR": "1"}, ""),
        ({"TERM": "linux"}, "(3|9|4|10)[0-7]"),
        ({"TERM": "xterm"}, "(3|9|4|10)[0-7]|[34]8;5;[0-9]+"),
    ],
)
def test_no_terminal_is_sent_a_colour_that_it_has_not(tmp_path: Path, settings: dict[str, str], colours: str) -> None:
    plain = settings.get("TERM") == "linux"
    with session(tmp_path), terminal(tmp_path, **settings) as viewer:
        viewer.until(is_up)
        viewer.press("?")
        viewer.until(lambda screen: "Help" in screen)
        viewer.press("qq")
        viewer.until(lambda screen: "Leave it running" in screen)
        codes = set(re.findall(r"\x1b\[([0-9;]*)m", viewer.output().decode(errors="ignore")))
        one = f"(?:0|1|2|4|7|39|49|{colours})" if colours else "(?:0|1|2|4|7|39|49)"
        assert [code for code in codes if not re.fullmatch(f"(?:{one}(?:;{one})*)?", code)] == []
        assert viewer.output().isascii() is plain, "its font has no braille"


def test_what_is_no_screen_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with session(tmp_path), terminal(tmp_path, TERM="dumb") as viewer:
        assert viewer.wait() == 2
        assert viewer.text().split("\n\n")[0] == (
            "benchtop: this terminal (TERM=dumb) cannot show a screen: `--headless` runs without one"
        )
        assert b"\x1b" not in viewer.output()


def test_a_session_that_ends_while_watched_stays_on_the_screen(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.ui.run_small", str(tmp_path / "sessions"), "works")
    with terminal(tmp_path, *command) as viewer:
        viewer.until(lambda screen: is_up(screen) and "done and saved" in screen and folder_of(tmp_path) in screen)
        viewer.press("q")
        assert viewer.wait() == 0
        assert_left_whole(viewer)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_whole_and_the_session_going(tmp_path: Path, number: signal.Signals) -> None:
    with session(tmp_path) as folder, terminal(tmp_path) as viewer:
        viewer.until(is_up)
        viewer.kill(number)
        assert viewer.wait() == 0
        assert_left_whole(viewer)
        assert is_locked(folder)


def test_a_killed_viewer_costs_the_session_nothing_and_attach_comes_back(tmp_path: Path) -> None:
    with session(tmp_path) as folder:
        with terminal(tmp_path) as viewer:
            viewer.until(is_up)
            viewer.kill(signal.SIGKILL)
            assert viewer.wait() == -signal.SIGKILL
        assert is_locked(folder)
        with terminal(tmp_path) as viewer:
            viewer.until(is_up)


def test_a_terminal_that_takes_no_output_does_not_hold_the_viewer(tmp_path: Path) -> None:
    """Nothing is read here any more, so no goodbye gets through; a signal still ends the viewer."""
    with session(tmp_path) as folder, terminal(tmp_path) as viewer:
        viewer.until(is_up)
        for number in range(20):
            viewer.resize(140 + number % 2, 40)
            select.select((), (), (), 0.02)
        viewer.kill(signal.SIGTERM)
        _, status = os.waitpid(viewer.pid, 0)
        viewer.status = os.waitstatus_to_exitcode(status)
        assert viewer.status in (0, 128 + signal.SIGTERM)
        assert is_locked(folder)


def test_suspended_it_gives_the_terminal_back_and_continued_it_draws_all_of_it(tmp_path: Path) -> None:
    with session(tmp_path), terminal(tmp_path) as viewer:
        viewer.until(is_up)
        viewer.press("\x1a")
        until(lambda: not viewer.pump(0.0) and process_state(viewer.pid) == "T")
        while viewer.pump(0.0):
            pass
        assert_left_whole(viewer)
        viewer.screen.reset()
        viewer.kill(signal.SIGCONT)
        viewer.until(lambda screen: is_up(screen) and "q quit" in screen and "benchtop" in screen)


def test_stopped_from_elsewhere_it_gives_the_terminal_back_and_comes_back_too(tmp_path: Path) -> None:
    with session(tmp_path), terminal(tmp_path) as viewer:
        viewer.until(is_up)
        viewer.kill(signal.SIGTSTP)
        until(lambda: not viewer.pump(0.0) and process_state(viewer.pid) == "T")
        while viewer.pump(0.0):
            pass
        assert_left_whole(viewer)
        viewer.screen.reset()
        viewer.kill(signal.SIGCONT)
        viewer.until(is_up)


def test_a_storm_of_resizes_ends_in_the_right_picture(tmp_path: Path) -> None:
    with session(tmp_path), terminal(tmp_path) as viewer:
        viewer.until(is_up)
        for number in range(300):
            viewer.resize(70 + number % 100, 18 + number % 40)
            if number % 10 == 0:
                viewer.pump(0.001)
        viewer.resize(100, 30)
        viewer.until(
            lambda screen: is_up(screen) and screen.splitlines()[0].endswith("saved") and len(screen.splitlines()) == 30
        )
        viewer.press("ql")
        assert viewer.wait() == 0


def test_a_terminal_that_is_not_read_for_a_while_is_then_shown_the_present_picture(tmp_path: Path) -> None:
    """Of all the pictures that it missed, none is sent after it but what was on its way."""
    with session(tmp_path), terminal(tmp_path) as viewer:
        viewer.until(is_up)
        before = len(viewer.output())
        for number in range(40):
            viewer.resize(140 + number % 2, 40)
            select.select((), (), (), 0.02)
        viewer.press("l")
        viewer.until(lambda screen: "Log" in screen and screen.splitlines()[-1].startswith(" esc back"))
        assert len(viewer.output()) - before < 10 * 10_000


def process_state(pid: int) -> str:
    """`S`, `T` for stopped …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def hang_up(viewer: Terminal) -> None:
    """Take the terminal away, as a dropped line does."""
    os.close(viewer._master)
    viewer._master = os.open(os.devnull, os.O_RDWR)


def test_a_terminal_that_goes_away_ends_the_viewer(tmp_path: Path) -> None:
    with session(tmp_path) as folder, terminal(tmp_path) as viewer:
        viewer.until(is_up)
        hang_up(viewer)
        viewer.wait()
        assert is_locked(folder)


def test_the_end_of_input_ends_the_viewer_even_where_no_signal_comes(tmp_path: Path) -> None:
    """In a session of its own the viewer is sent no SIGHUP; reading on would keep a processor busy for ever."""
    inner = f"exec {sys.executable} -m app attach"
    with (
        session(tmp_path) as folder,
        terminal(tmp_path, "sh", "-c", f"trap '' HUP; setsid --wait sh -c '{inner}'") as viewer,
    ):
        viewer.until(is_up)
        hang_up(viewer)
        viewer.wait()
        assert is_locked(folder)


def test_a_saved_session_is_played_on_a_real_terminal(tmp_path: Path) -> None:
    folder = saved(tmp_path / "sessions")
    command = (sys.executable, "-m", "app", "open", folder.name)
    with terminal(tmp_path, *command) as viewer:
        viewer.until(lambda screen: is_up(screen) and "at the end 00:28.0 of 00:28.0" in screen)
        viewer.press("[")
        viewer.until(lambda screen: "paused     00:27.0 of 00:28.0" in screen)
        viewer.press("j50%\r")
        viewer.until(lambda screen: "paused     00:14.0 of 00:28.0" in screen and "step 140" in screen)
        viewer.press("<<V")
        viewer.until(lambda screen: "00:13.0 of 00:28.0 0.25×" in screen and "drift" in screen)
        viewer.resize(80, 24)
        viewer.until(lambda screen: "00:13.0 of 00:28.0 0.25×" in screen.splitlines()[22])
        viewer.press(" ")
        viewer.until(lambda screen: "playing    00:13." in screen)
        viewer.press("q")
        assert viewer.wait() == 0
        assert_left_whole(viewer)


def saved(home: Path) -> SessionFolder:
    """A session that is over, with its tables."""
    folder = journalled(home, recorded())
    finish(folder)
    return folder
