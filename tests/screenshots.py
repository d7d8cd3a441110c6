"""`make screenshots`: draws screenshots/ anew from real sessions in a real pseudo-terminal.

The pictures are what the terminal emulator holds after the program's own bytes, cell by cell; nothing
is posed. What is drawn stands in two tables, one for any machine and one (`--gpu`) for a machine with an NVIDIA GPU.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.terminal import Terminal

PICTURES = Path(__file__).parents[1] / "screenshots"
SCRIPTS = Path(__file__).parent / "bench" / "why" / "scripts"
LARGE: Final = ((140, 40),)
BOTH: Final = ((80, 24), (140, 40))
"""The larger size is the last: it is the one that goes on."""
NAMED_COLOURS = {"brown": "yellow", "default": None}
ENTER, ESCAPE = "\r", "\x1b"
LIMIT_S = 600
KEY_S = 1.0
"""Between two keys: a person looks before the next."""
RESIZED_S = 2.0
SAVED = "done and saved"
PLAYED = "space play"
ASKS = "Stop and save"
LONG_S = 8
"""What a notice that came with the picture needs to go."""
EFFECT = r"95 %.*\["
PROFILE = "for Perfetto"


class Picture(NamedTuple):
    """One picture: its name, the keys that lead to it, and what must be on the screen by then."""

    name: str
    seen: str = ""
    """A regular expression; it is waited for before the keys are pressed."""
    keys: Sequence[str] = ()
    then: str = ""
    """Another, that is waited for behind them."""
    rest_s: float = 2
    """How long it is looked at before the picture, so that charts fill."""
    sizes: Sequence[tuple[int, int]] = LARGE
    back: Sequence[str] = ()
    """Keys that lead on from it."""


class Scene(NamedTuple):
    """A command of benchtop, and the pictures of its screen. One without pictures only runs."""

    command: str
    pictures: Sequence[Picture] = ()
    script: Sequence[str] = ()
    """Behind `--`, with this Python."""


class Page(NamedTuple):
    """The report of some sessions as Chromium draws it."""

    name: str
    sessions: str
    size: tuple[int, int]


def _measuring(workload: str, name: str, rest_s: float = 14) -> Picture:
    """The live screen of a workload, some time after it began to be measured."""
    return Picture(name, seen=f"{workload} +measure", rest_s=rest_s, sizes=BOTH)


WHY: Final = Picture("why", keys=("w",), back=(ESCAPE,))
TRIED: Final = Picture("experiment", keys=("x", ENTER, "w"), then=r"proof +tried", rest_s=LONG_S, back=(ESCAPE,))
PROFILED: Final = Picture("profile", keys=("p", ENTER, "w"), then="for Perfetto", rest_s=LONG_S, back=(ESCAPE,))
HELP: Final = Picture("help", keys=("?",), back=(ESCAPE,))
OVER: Final = Picture("saved", seen=SAVED)
SCRIPT: Final = Picture("exec", seen=r"(?s)(?=.* measure )(?=.*  try \w)", rest_s=20, sizes=BOTH)

ON_A_CPU: Final[Sequence[Scene]] = (
    Scene(
        "run train/digits infer/digits --duration 24 --name digits",
        (_measuring("train/digits", "train-digits"), _measuring("infer/digits", "infer-digits"), OVER, HELP),
    ),
    Scene(
        "run train/gpt infer/gpt --duration 24 --name gpt",
        (_measuring("train/gpt", "train-gpt"), _measuring("infer/gpt", "infer-gpt")),
    ),
    Scene(
        "run train/gpt --ranks 2 --duration 24 --name ranks",
        (_measuring("train/gpt", "train-gpt-2-ranks"),),
    ),
    Scene("run probe --name machine", (Picture("roofline", seen=SAVED, keys=("r",)),)),
    Scene(
        "run train/digits --set precision=fp32,bf16 --repeats 5 --duration 6 --name precision",
        (Picture("repeats", seen=SAVED, keys=("e",)),),
    ),
    Scene("compare precision", (Picture("compare", seen="Verdicts"),)),
    Scene(
        "exec --duration 300 --name decoding",
        (SCRIPT, WHY, TRIED, PROFILED),
        (f"{SCRIPTS / 'planted' / 'decoding.py'}", "--batch", "32"),
    ),
    Scene("exec --duration 15 --name decoded-once", (), (f"{SCRIPTS / 'planted' / 'decoding.py'}", "--fixed")),
    Scene("tag decoding +slow +baseline"),
    Scene("tag decoded-once +fixed"),
    Scene("note decoding 'decodes every image anew'"),
    Scene("open decoding", (Picture("timeline", seen=PLAYED, keys=("v", "{"), sizes=BOTH),)),
    Scene("open decoding decoded-once", (Picture("pair", seen=PLAYED, keys=("t", "["), rest_s=4, sizes=BOTH),)),
    Scene("sessions", (Picture("sessions", seen="decoding", sizes=BOTH),)),
)
"""In their order: those that open sessions need those before them."""

REPORTS: Final = (Page("report", "digits", (1280, 1000)),)

ON_A_GPU: Final[Sequence[Scene]] = (
    Scene(
        "run train/digits infer/digits --duration 24 --name digits",
        (_measuring("train/digits", "train-digits"), _measuring("infer/digits", "infer-digits"), HELP),
    ),
    Scene(
        "run train/gpt infer/gpt --duration 90 --name gpt",
        (_measuring("train/gpt", "train-gpt"), WHY, PROFILED, _measuring("infer/gpt", "infer-gpt"), OVER),
    ),
    Scene(
        "run probe/matmul probe/copy --duration 20 --name probes",
        (_measuring("probe/matmul", "probe-matmul", 10), _measuring("probe/copy", "probe-copy", 10)),
    ),
    Scene("run probe --name machine", (Picture("roofline", seen=SAVED, keys=("r",)),)),
    Scene(
        "exec --duration 300 --name decoding",
        (SCRIPT, Picture("exec-why", keys=("w",), back=(ESCAPE,)), TRIED),
        (f"{SCRIPTS / 'planted' / 'decoding.py'}", "--device", "cuda", "--batch", "64"),
    ),
    Scene("open gpt", (Picture("timeline", seen=PLAYED, keys=("v", "{"), sizes=BOTH),)),
)


def main() -> None:
    """Every scene that has a picture that is wanted, in one home; then the pages of a browser."""
    options = _options()
    scenes, pages = (ON_A_GPU, ()) if options.gpu else (ON_A_CPU, REPORTS)
    machine = options.machine or (_gpu_name() if options.gpu else "cpu")
    with tempfile.TemporaryDirectory(prefix="benchtop-") as fresh:
        home = options.home or fresh
        for scene in scenes:
            names = {picture.name for picture in scene.pictures}
            if not options.only or names & set(options.only):
                _play(scene, f"{options.into / machine}-", home)
        for page in pages:
            if not options.only or page.name in options.only:
                _browse(page, options.into / f"{machine}-{page.name}.png", home)


def _play(scene: Scene, before: str, home: str) -> None:
    """All pictures of a scene; `before`: with what their paths begin."""
    words = shlex.split(scene.command)
    command = (sys.executable, "-m", "app", *words, *(("--", sys.executable, *scene.script) if scene.script else ()))
    print(f"benchtop {scene.command}", flush=True)
    if not scene.pictures:
        subprocess.run(command, env={**os.environ, "BENCHTOP_HOME": home}, check=True, stdout=subprocess.DEVNULL)
        return
    with Terminal(command, columns=140, rows=40, environment={"BENCHTOP_HOME": home}) as terminal:
        for each in scene.pictures:
            _take(each, terminal, before, f"benchtop {words[0]}")
        terminal.press("q")
        terminal.read_for(KEY_S)
        if ASKS in terminal.text():
            terminal.press("s")
        terminal.wait(LIMIT_S)


def _take(picture: Picture, terminal: Terminal, before: str, title: str) -> None:
    """Wait, press, wait, and draw what is on the screen."""
    terminal.until(_sees(picture.seen), limit_s=LIMIT_S)
    for key in picture.keys:
        terminal.press(key)
        terminal.read_for(KEY_S)
    terminal.until(_sees(picture.then), limit_s=LIMIT_S)
    terminal.read_for(picture.rest_s)
    for columns, rows in picture.sizes:
        if (columns, rows) != (terminal.screen.columns, terminal.screen.lines):
            terminal.resize(columns, rows)
            terminal.read_for(RESIZED_S)
        path = Path(f"{before}{picture.name}-{columns}x{rows}.svg")
        path.write_text(drawn(terminal, title))
        print(f"  {path}", flush=True)
    for key in picture.back:
        terminal.press(key)
        terminal.read_for(KEY_S)


def _browse(page: Page, path: Path, home: str) -> None:
    """The report, in a browser without a window."""
    if (browser := shutil.which("chromium") or shutil.which("chromium-browser")) is None:
        print(f"  no Chromium here: {path} stays as it was")
        return
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        command = (sys.executable, "-m", "app", "report", *page.sessions.split(), "-o", f"{report}")
        subprocess.run(command, env={**os.environ, "BENCHTOP_HOME": home}, check=True, stdout=subprocess.DEVNULL)
        size = ",".join(map(str, page.size))
        flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=8000")
        shot = (browser, *flags, f"--window-size={size}", f"--screenshot={path}", report.as_uri())
        subprocess.run(shot, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(f"  {path}", flush=True)


def _sees(words: str) -> Callable[[str], bool]:
    return lambda screen: re.search(words, screen) is not None


def _gpu_name() -> str:
    """`h100` of `NVIDIA H100 80GB HBM3`: it goes into the file names."""
    asked = subprocess.run(
        ("nvidia-smi", "--query-gpu=name", "--format=csv,noheader"), capture_output=True, text=True, check=True
    )
    return next(word for word in asked.stdout.splitlines()[0].lower().split() if word != "nvidia")


def _options() -> argparse.Namespace:
    given = argparse.ArgumentParser(prog="python -m tests.screenshots")
    given.add_argument("--gpu", action="store_true", help="the pictures of a machine with an NVIDIA GPU")
    given.add_argument("--only", nargs="+", metavar="PICTURE", help="only the scenes that have these")
    given.add_argument("--machine", help="what file names begin with (default: cpu, or the name of the GPU)")
    given.add_argument("--into", type=Path, default=PICTURES)
    given.add_argument("--home", help="keep the sessions here, and find there those of before")
    return given.parse_args()


def drawn(terminal: Terminal, title: str) -> str:
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
