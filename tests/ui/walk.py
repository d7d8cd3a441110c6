"""A random walk through everything that a person can do, with the terminal held against the compositor at every step.

The bytes that were really sent are replayed in a terminal emulator, and every cell of it is compared with what
Textual composed, character and style.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pyte
from msgspec.structs import replace
from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.style import Style
from textual.driver import Driver
from textual.events import Key, Resize
from textual.geometry import Size
from textual.screen import Screen

from app.session.live.view import LogLine, Mark, View
from tests.ui import samples
from tests.ui.draw.why.samples import COMPUTE, EFFECT, INPUT, MISSING, PROFILE, TRANSFER, with_run
from tests.ui.fake import FakeWatch
from tests.ui.replay import WiredViewer
from workloads.wire.frames import Verdicts

Cell = tuple[Any, ...]
"""A character and how it is shown, as pyte keeps it."""

LOG = tuple(LogLine(number, "info", "stdout", f"{number} 漢語 é {'x' * (number % 150)}", 1) for number in range(300))
KEYS: tuple[tuple[str, ...], ...] = (
    ("tab",), ("shift+tab",), ("enter",), ("escape",), ("space",), ("g",), ("l",), ("r",), ("question_mark",),
    ("pagedown",), ("end",), ("home",), ("up",), ("down",), ("q",), ("k",), ("ctrl+l",), ("escape", "escape"),
    ("ctrl+p",), ("ctrl+p", "f", "r"), ("ctrl+p", "h", "escape"), ("ctrl+p", "down", "down"),
    ("w",), ("x",), ("p",), ("n",), ("a",), ("f",), ("plus",), ("minus",), ("comma",), ("full_stop",),
    ("left",), ("right",), ("o",), ("h",),
)  # fmt: skip
PATIENCE = 20
"""Looks at a picture that does not match, before it is called wrong."""
SIZES = ((140, 40), (80, 24), (100, 30), (61, 17), (40, 10), (180, 50))


class Walk:
    """One viewer, one terminal, and what was found wrong between them."""

    def __init__(self, viewer: WiredViewer, watch: FakeWatch, seed: int) -> None:
        self.frames = 0
        """Frames that were sent and compared."""
        self.wrong: list[str] = []
        """Every cell that was not as it should be."""
        self._viewer = viewer
        self._watch = watch
        self._chance = random.Random(seed)
        self._taken = 0
        self._now_ns = samples.NOW
        self._terminal = pyte.Screen(*viewer.size)
        self._stream = pyte.Stream(self._terminal)
        self._scramble()

    async def step(self) -> None:
        """Do something, let it be drawn, and compare."""
        does = (self._tick, self._press, self._resize, self._suspend, self._notify)
        did = self._chance.choices(does, (60, 30, 4, 3, 3))[0]
        did()
        wrong = await self._differences()
        self.wrong += [f"after {did.__name__} {cell}" for cell in wrong]

    async def _differences(self) -> list[str]:
        """What is not as it should be, and stays so: a cursor blinks and a list scrolls while one looks."""
        wrong = ["nothing compared yet"]
        for patience in range(PATIENCE):
            await self._settle()
            wrong = self._compare()
            if not wrong:
                break
            await asyncio.sleep(0.01 * patience)
        return wrong

    def _tick(self) -> None:
        """Time goes on, by a look or by many."""
        self._now_ns += self._chance.choice((1, 1, 1, 4, 40)) * samples.SECOND // 4
        view = samples.cpu_view(self._now_ns) if self._chance.random() < 0.1 else samples.h200_view(self._now_ns)
        view = self._why(view)
        notices = self._chance.choice(((), ("something to know",)))
        lines = self._chance.randrange(len(LOG))
        self._watch.view = replace(view, name="a-session", log=LOG[:lines], notices=notices)
        self._viewer.tick()

    def _why(self, view: View) -> View:
        """Something else was found out, and something stands on the time axis."""
        found = tuple(self._chance.sample((INPUT, TRANSFER, COMPUTE), self._chance.randrange(4)))
        said = Verdicts(run=1, at_ns=self._now_ns, verdicts=found, missing=MISSING)
        changes = {"effects": (EFFECT,) if self._chance.random() < 0.5 else (), "profiles": (PROFILE,)}
        mark = Mark(run=1, kind="experiment", from_ns=samples.NOW + 10 * samples.SECOND, text="tf32")
        return replace(with_run(view, verdicts=said, **changes), marks=(mark,) if self._chance.random() < 0.8 else ())

    def _press(self) -> None:
        """What opens, moves, closes; a command found by typing."""
        for key in self._chance.choice(KEYS):
            self._viewer.post_message(Key(key, key if len(key) == 1 else None))

    def _resize(self) -> None:
        """The terminal is dragged to another size, and shows whatever it likes meanwhile."""
        size = Size(*self._chance.choice(SIZES))
        self._viewer.wire._size = size
        self._viewer.post_message(Resize(size, size))

    def _suspend(self) -> None:
        """The shell had the terminal."""
        self._take()
        self._scramble()
        self._viewer.post_message(Driver.SignalResume())

    def _notify(self) -> None:
        self._viewer.notify(self._chance.choice(("something happened", "日本語 in a toast, and a longer line of text")))

    async def _settle(self) -> None:
        """Until nothing more is to be drawn or sent."""
        quiet, before = 0, -1
        while quiet < 3:
            await asyncio.sleep(0.003)
            sent = len(self._viewer.wire.sent)
            quiet = quiet + 1 if sent == before and not self._busy() else 0
            before = sent

    def _busy(self) -> bool:
        cells = self._viewer._cells
        if cells is None or cells.pending:
            return True
        return _dirty(self._viewer.screen)

    def _take(self) -> None:
        """Show the terminal what was sent since."""
        if self._viewer.size != (self._terminal.columns, self._terminal.lines):
            self._terminal.resize(self._viewer.size.height, self._viewer.size.width)
            self._scramble()
        sent = self._viewer.wire.sent[self._taken :]
        self._taken += len(sent)
        self.frames += len(sent)
        self._stream.feed("".join(sent))

    def _scramble(self) -> None:
        """Something else has written on the terminal."""
        self._terminal.reset()
        self._terminal.reset_mode(pyte.modes.DECAWM)
        self._stream.feed("\x1b[31;1m" + "\x1b[H" + "#" * 50 + "\x1b[0m\x1b[H")

    def _compare(self) -> list[str]:
        self._take()
        return [
            f"{x},{y}: {tuple(self._terminal.buffer[y][x])} instead of {wanted}"
            for y, row in enumerate(composed(self._viewer))
            for x, wanted in enumerate(row)
            if tuple(self._terminal.buffer[y][x]) != wanted
        ]


class EndlessViewer(WiredViewer):
    """The real viewer, but that nobody can leave it."""

    def exit(self, *_: object, **__: object) -> None:
        """Stay."""


async def walk(seed: int, enough: Callable[[Walk], bool]) -> Walk:
    """Walk until it is enough."""
    watch = FakeWatch(samples.h200_view())
    viewer = EndlessViewer(watch)
    async with viewer.run_test(size=SIZES[0]) as pilot:
        await pilot.pause()
        walking = Walk(viewer, watch, seed)
        while not enough(walking):
            await walking.step()
            viewer.wire.sent[: walking._taken] = []
            walking._taken = 0
    return walking


def _dirty(screen: Screen[Any]) -> bool:
    """Whether something of it is to be drawn still."""
    return bool(
        screen._layout_required
        or screen._repaint_required
        or screen._scroll_required
        or screen._dirty_widgets
        or screen._compositor._dirty_regions
        or screen._callbacks
        or not screen._message_queue.empty()
    )


def composed(viewer: WiredViewer) -> list[list[Cell]]:
    """The whole screen as Textual composes it, cell by cell."""
    update = viewer.screen._compositor.render_update(full=True, screen_stack=viewer._background_screens)
    rows: list[list[Cell]] = []
    for strips in update.strips:  # type: ignore[union-attr]
        row: list[Cell] = []
        for segment in (segment for strip in strips for segment in strip):
            look = shown(segment.style or Style())
            for character in segment.text:
                row += [(character, *look), ("", *look)][: get_character_cell_size(character)]
        rows.append(row)
    return rows


@lru_cache(4096)
def shown(style: Style) -> Cell:
    """How a terminal shows a style: asked of the emulator itself, with Rich's own codes."""
    screen = pyte.Screen(2, 1)
    pyte.Stream(screen).feed(Style.render(style.update_link(None), "x", color_system=ColorSystem.EIGHT_BIT))
    return tuple(screen.buffer[0][0])[1:]
