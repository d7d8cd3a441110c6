"""From a key to its picture: how long a person waits, on this machine and at the end of a bad line."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.bench.row import Row
from tests.bench.screen import ATTACH, COLUMNS, ROWS
from tests.line import LineTerminal
from tests.terminal import Terminal

KEYS = 200
LINE = {"bytes_per_s": 8000.0, "trip_s": 0.1}
MODES = {
    "default": (),
    "--slow": ("--slow",),
    "--refresh 10": ("--refresh", "10"),
    "--ascii": ("--ascii",),
    "--no-diff": ("--no-diff",),
}


class Waits(NamedTuple):
    """Seconds from a key to its picture."""

    median: float
    largest: float


def local(environment: Mapping[str, str]) -> Row:
    """On a terminal that takes and answers everything at once."""
    command = (*ATTACH, "--refresh", "10")
    with Terminal(command, columns=COLUMNS, rows=ROWS, environment=environment) as terminal:
        waits = _measure(terminal, KEYS)
    return Row(
        what="key to paint, local, 10 Hz refresh: median, max of 200",
        measured=f"{waits.median * 1e3:.1f} ms, {waits.largest * 1e3:.1f} ms",
        floor="≤ 8 ms, ≤ 45 ms",
        reached=waits.median <= 0.008 and waits.largest <= 0.045,
        how="tab and space by turns at random instants",
    )


def slow_line(environment: Mapping[str, str]) -> list[Row]:
    """At the end of a line of 8 KB/s with a round trip of 100 ms, in every mode."""
    return [_slow(mode, options, environment) for mode, options in MODES.items()]


def _slow(mode: str, options: tuple[str, ...], environment: Mapping[str, str]) -> Row:
    command = (*ATTACH, *options)
    with LineTerminal(command, columns=COLUMNS, rows=ROWS, environment=environment, **LINE) as terminal:
        waits = _measure(terminal, 60)
    return Row(
        what=f"key to paint, 8 KB/s with 100 ms round trip, {mode}: median, max of 60",
        measured=f"{waits.median * 1e3:.0f} ms, {waits.largest * 1e3:.0f} ms",
        floor="≤ 250 ms, ≤ 1,800 ms",
        reached=waits.median <= 0.25 and waits.largest <= 1.8,
        how="what the program sends is queued without end",
    )


def _measure(terminal: Terminal, keys: int) -> Waits:
    terminal.until(lambda screen: "samples/s" in screen and "quit" in screen, limit_s=60)
    terminal.read_for(3)
    chance = random.Random(1)
    waits = []
    for number in range(keys):
        terminal.read_for(chance.uniform(0.05, 0.35))
        waits.append(_tab(terminal) if number % 2 else _space(terminal))
    return Waits(statistics.median(waits), max(waits))


def _tab(terminal: Terminal) -> float:
    before = _focused(terminal)
    return _until(terminal, "\t", lambda: _focused(terminal) not in (before, None))


def _space(terminal: Terminal) -> float:
    before = "FROZEN" in terminal.screen.display[0]
    return _until(terminal, " ", lambda: ("FROZEN" in terminal.screen.display[0]) is not before)


def _until(terminal: Terminal, key: str, painted: Callable[[], bool]) -> float:
    began = time.monotonic()
    terminal.press(key)
    while not painted():
        terminal.pump(1.0)
        assert time.monotonic() - began < 60, terminal.text()
    return terminal.received[-1][0] - began


def _focused(terminal: Terminal) -> int | None:
    """Which of the four panels has the heavy upper edge."""
    half, middle = COLUMNS // 2, 2 + (ROWS - 4) // 2
    places = ((0, 2), (half, 2), (0, middle), (half, middle))
    for number, (x, y) in enumerate(places):
        row = terminal.screen.buffer[y]
        if row[x].data == "┍" or (row[x].data == "+" and row[x + half - 2].data == "="):
            return number
    return None
