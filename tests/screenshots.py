"""`make screenshots`: draws screenshots/ anew from a real session in a real pseudo-terminal.

The pictures are what the terminal emulator holds after the program's own bytes, cell by cell; nothing
is posed. `--machine NAME` goes into the file names, `--workloads` says what to run.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.terminal import Terminal

PICTURES = Path(__file__).parents[1] / "screenshots"
SIZES = ((140, 40), (80, 24))
NAMED_COLOURS = {"brown": "yellow", "default": None}


def main() -> None:
    """One session, looked at in both sizes while each of its runs goes on, and once it is saved."""
    given = argparse.ArgumentParser(prog="python -m tests.screenshots")
    given.add_argument("--machine", default="cpu")
    given.add_argument("--workloads", nargs="+", default=["train/digits", "infer/digits"])
    given.add_argument("--duration", default="24")
    given.add_argument("--into", type=Path, default=PICTURES)
    options = given.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchtop-") as home:
        command = (sys.executable, "-m", "app.cli", "run", *options.workloads, "--duration", options.duration)
        with Terminal(command, columns=140, rows=40, environment={"BENCHTOP_HOME": home}) as terminal:
            for workload in options.workloads:
                terminal.until(_measures(workload), limit_s=180)
                terminal.read_for(float(options.duration) * 0.6)
                for columns, rows in SIZES[::-1]:
                    terminal.resize(columns, rows)
                    terminal.read_for(2)
                    name = f"{options.machine}-{workload.replace('/', '-')}-{columns}x{rows}.svg"
                    (options.into / name).write_text(picture(terminal, f"benchtop {workload}"))
            terminal.until(lambda screen: "saved" in screen.lower() and "done" in screen.lower(), limit_s=180)
            (options.into / f"{options.machine}-saved-140x40.svg").write_text(picture(terminal, "benchtop"))
            terminal.press("?")
            terminal.read_for(2)
            (options.into / f"{options.machine}-help-140x40.svg").write_text(picture(terminal, "benchtop ?"))
            terminal.press("\x1b")
            terminal.read_for(1)
            terminal.press("q")
            terminal.wait()


def picture(terminal: Terminal, title: str) -> str:
    """The screen as SVG."""
    screen = terminal.screen
    console = Console(width=screen.columns, record=True, file=io.StringIO(), color_system="truecolor")
    for row in range(screen.lines):
        line = Text()
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            style = Style(
                color=_colour(cell.fg),
                bgcolor=_colour(cell.bg),
                bold=cell.bold,
                reverse=cell.reverse,
                italic=cell.italics,
                underline=cell.underscore,
            )
            line.append(cell.data, style)
        console.print(line, no_wrap=True, overflow="crop", soft_wrap=False)
    return console.export_svg(title=title, theme=MONOKAI)


def _measures(workload: str) -> Callable[[str], bool]:
    return lambda screen: workload in screen and "measure" in screen


def _colour(name: str) -> str | None:
    if name in NAMED_COLOURS:
        return NAMED_COLOURS[name]
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name.lower()):
        return f"#{name}"
    return name.replace("bright", "bright_").replace("brown", "yellow")


if __name__ == "__main__":
    main()
