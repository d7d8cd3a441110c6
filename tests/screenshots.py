"""`make screenshots`: draws screenshots/ anew from a real session in a real pseudo-terminal.

The pictures are what the terminal emulator holds after the program's own bytes, cell by cell; nothing
is posed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.terminal import Terminal

PICTURES = Path(__file__).parents[1] / "screenshots"
RUN = (sys.executable, "-m", "app", "run")
COMPARE = (sys.executable, "-m", "app", "compare")
EXEC = (sys.executable, "-m", "app", "exec")
SIZES = ((140, 40), (80, 24))
NAMED_COLOURS = {"brown": "yellow", "default": None}


def main() -> None:
    """One session, looked at in both sizes while each of its runs goes on, and once it is saved."""
    options = _options()
    with contextlib.ExitStack() as kept:
        environment = {"BENCHTOP_HOME": _home(options, kept)}
        if options.script:
            _script(options, environment)
            return
        _session(options, environment)
        if options.repeats > 1:
            _comparison(options, environment)


def _session(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    lengths = {"duration": f"{options.duration:g}", "ranks": f"{options.ranks}", "repeats": f"{options.repeats}"}
    told = [word for name, value in lengths.items() for word in (f"--{name}", value)]
    settings = [word for setting in options.set for word in ("--set", setting)]
    command = (*RUN, *options.workloads, *told, *settings)
    with Terminal(command, columns=140, rows=40, environment=environment) as terminal:
        # Of many short runs the roofline is the picture, or the repeats are.
        for workload in () if options.repeats > 1 or "probe" in options.workloads else options.workloads:
            terminal.until(_measures(workload), limit_s=180)
            terminal.read_for(options.duration * 0.6)
            _in_both_sizes(options, terminal, f"{workload.replace('/', '-')}{_ranks(options)}", f"benchtop {workload}")
        terminal.until(_saved, limit_s=600)
        if options.repeats > 1:
            _page(options, terminal, "e", "repeats")
        elif "probe" in options.workloads:
            _page(options, terminal, "r", "roofline")
        elif options.ranks == 1:
            _save(options.into / f"{options.machine}-saved-140x40.svg", terminal, "benchtop")
            _page(options, terminal, "?", "help")
        terminal.press("q")
        terminal.wait()


def _script(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """A script of a user's, once a verdict stands, and all that is said of it."""
    lasting = ("--duration", f"{options.duration:g}")
    command = (*EXEC, *lasting, "--", sys.executable, *options.script)
    with Terminal(command, columns=140, rows=40, environment=environment) as terminal:
        terminal.until(lambda screen: "try " in screen and " measure " in screen, limit_s=120)
        terminal.read_for(options.duration * 0.4)
        _in_both_sizes(options, terminal, "exec", "benchtop exec")
        _page(options, terminal, "w", "why")
        terminal.until(_saved, limit_s=600)
        terminal.press("q")
        terminal.wait()


def _comparison(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """The variants of the session against each other."""
    (session,) = (Path(environment["BENCHTOP_HOME"]) / "sessions").iterdir()
    command = (*COMPARE, session.name)
    with Terminal(command, columns=140, rows=40, environment=environment) as terminal:
        terminal.until(lambda screen: "Verdicts" in screen, limit_s=60)
        terminal.read_for(2)
        _save(options.into / f"{options.machine}-compare-140x40.svg", terminal, "benchtop compare")
        terminal.press("q")
        terminal.wait()


def _in_both_sizes(options: argparse.Namespace, terminal: Terminal, name: str, title: str) -> None:
    """What is on the screen now, which goes on: the larger size is the last."""
    for columns, rows in SIZES[::-1]:
        terminal.resize(columns, rows)
        terminal.read_for(2)
        _save(options.into / f"{options.machine}-{name}-{columns}x{rows}.svg", terminal, title)


def _page(options: argparse.Namespace, terminal: Terminal, key: str, name: str) -> None:
    """A screen that a key opens, and back."""
    terminal.press(key)
    terminal.read_for(2)
    _save(options.into / f"{options.machine}-{name}-140x40.svg", terminal, f"benchtop {key}")
    terminal.press("\x1b")
    terminal.read_for(1)


def _ranks(options: argparse.Namespace) -> str:
    return f"-{options.ranks}-ranks" if options.ranks > 1 else ""


def _options() -> argparse.Namespace:
    given = argparse.ArgumentParser(prog="python -m tests.screenshots")
    given.add_argument("--machine", default="cpu", help="goes into the file names")
    given.add_argument("--workloads", nargs="+", default=["train/digits", "infer/digits"])
    given.add_argument("--duration", type=float, default=24)
    given.add_argument("--ranks", type=int, default=1)
    given.add_argument("--repeats", type=int, default=1)
    given.add_argument("--set", action="append", default=[])
    given.add_argument("--script", nargs=argparse.REMAINDER, help="a script and its arguments, instead of workloads")
    given.add_argument("--into", type=Path, default=PICTURES)
    given.add_argument("--home", help="keep the session here")
    return given.parse_args()


def _home(options: argparse.Namespace, kept: contextlib.ExitStack) -> str:
    return options.home or kept.enter_context(tempfile.TemporaryDirectory(prefix="benchtop-"))


def _save(path: Path, terminal: Terminal, title: str) -> None:
    path.write_text(picture(terminal, title))
    print(path)


def picture(terminal: Terminal, title: str) -> str:
    """The screen as SVG."""
    screen = terminal.screen
    console = Console(width=screen.columns, record=True, file=io.StringIO(), color_system="truecolor")
    for row in range(screen.lines):
        cells = (screen.buffer[row][column] for column in range(screen.columns))
        line = Text()
        # Words stay together, all else stands in its own place: not every reader of SVG keeps a run to its length.
        for (style, _), alike in groupby(enumerate(cells), key=_run):
            line.append("".join(cell.data for _, cell in alike), style)
        console.print(line, no_wrap=True, overflow="crop", soft_wrap=False)
    return console.export_svg(title=title, theme=MONOKAI)


def _measures(workload: str) -> Callable[[str], bool]:
    return lambda screen: re.search(f"{workload} +measure", screen) is not None


def _saved(screen: str) -> bool:
    return "done and saved" in screen


def _run(placed: tuple[int, pyte.screens.Char]) -> tuple[Style, int]:
    """Neighbours of one key are drawn together: the letters of a word in one style."""
    place, cell = placed
    return _style(cell), 0 if cell.data.isascii() and not cell.data.isspace() else place + 1


def _style(cell: pyte.screens.Char) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold,
        reverse=cell.reverse,
        italic=cell.italics,
        underline=cell.underscore,
    )


def _colour(name: str) -> str | None:
    if name in NAMED_COLOURS:
        return NAMED_COLOURS[name]
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name.lower()):
        return f"#{name}"
    return name.replace("bright", "bright_").replace("brown", "yellow")


if __name__ == "__main__":
    main()
