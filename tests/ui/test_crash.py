"""The last screen: whatever fails in a screen is one line for the user and a file for whoever repairs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.session.live.view import View
from app.ui.app import Viewer
from app.ui.terminal.crash import FILE, ViewerCrashed, crashed
from app.ui.terminal.environment import prepare
from app.ui.terminal.run import run_on_terminal
from tests.terminal import Terminal
from tests.ui.fake import FakeWatch

ROOT = Path(__file__).parents[2]


class Broken(FakeWatch):
    """A session that cannot be looked at."""

    def look(self, now_ns: int, budget_s: float = 0.03) -> View:
        raise RuntimeError("the picture fell off the wall")


def main(folder: Path) -> None:
    """What the command line does, over a session that fails."""
    try:
        run_on_terminal(Viewer(Broken()), folder)
    except ViewerCrashed as error:
        print(f"benchtop: {error}")


def test_a_failing_screen_leaves_the_terminal_one_line_and_a_file(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from tests.ui.test_crash import main; main(Path({str(tmp_path)!r}))"
    command = (sys.executable, "-c", code)
    with Terminal(command, columns=200, rows=24, environment={"PYTHONPATH": str(ROOT)}) as terminal:
        assert terminal.wait() == 0
        after = terminal.output().rpartition(b"\x1b[?1049l")[2].decode()
    assert f"the screen failed: RuntimeError: the picture fell off the wall (traceback in {tmp_path / FILE})" in after
    assert "Traceback" not in after
    assert "Traceback" in (tmp_path / FILE).read_text()


def test_a_traceback_that_cannot_be_saved_is_said(tmp_path: Path) -> None:
    error = crashed(RuntimeError("lost"), tmp_path / "missing")
    assert "RuntimeError: lost" in str(error)
    assert "could not be saved" in str(error)


@pytest.mark.parametrize(
    ("given", "colours"),
    [
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm"}, "256"),
        ({"TERM": "linux"}, "standard"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, None),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, "standard"),
    ],
)
def test_no_more_colours_than_the_terminal_is_known_to_have(given: dict[str, str], colours: str | None) -> None:
    environment = dict(given)
    prepare(environment)
    assert environment.get("TEXTUAL_COLOR_SYSTEM") == colours
    assert environment["TEXTUAL_DISABLE_KITTY_KEY"] == "1"
