"""What the live screen costs: bytes to the terminal and processor time, by turns with btop and htop, and its start."""

from __future__ import annotations

import compileall
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench.row import Row
from tests.terminal import Terminal

PROGRAM = Path(__file__).parents[2] / "app"
COLUMNS, ROWS = 140, 40
SETTLE_S = 6.0
WATCH_S = 12.0
TURNS = 3
PAINTS = 10
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
ATTACH = (sys.executable, "-m", "app", "attach")
SCRIPT = Path(sys.executable).with_name("benchtop")


class Cost(NamedTuple):
    """Of one program while it is looked at."""

    bytes_per_s: float
    cpu_percent: float


def measure(environment: Mapping[str, str]) -> list[Row]:
    """The programs take turns on one running session, so that what else the machine does hits all alike."""
    # As an installed program is: pip compiles what it installs, an editable install compiles when it is first used.
    compileall.compile_dir(PROGRAM, quiet=1)
    costs = _costs(environment)
    default, slow = costs["default"], costs["--slow"]
    others = {name: f"{cost.bytes_per_s:,.0f} B/s, {cost.cpu_percent:.1f} %" for name, cost in costs.items()}
    beside = ", ".join(f"{name} {others[name]}" for name in ("btop", "htop") if name in others) or "no btop here"
    btop = costs["btop"].bytes_per_s if "btop" in costs else float("inf")
    starts = [_start(environment) for _ in range(PAINTS)]
    first, real = (statistics.median(values) * 1e3 for values in zip(*starts, strict=True))
    return [
        Row(
            what=f"bytes a second to the terminal, {COLUMNS}×{ROWS}, default refresh, a running session",
            measured=f"{default.bytes_per_s:,.0f}",
            floor="≤ 3,000, and less than half of btop's",
            reached=default.bytes_per_s <= min(3000, btop / 2),
            how=f"median of {TURNS} turns of {WATCH_S:.0f} s; in the same turns: {beside}",
        ),
        Row(
            what="the same, `--slow`",
            measured=f"{slow.bytes_per_s:,.0f}",
            floor="≤ 800",
            reached=slow.bytes_per_s <= 800,
            how=f"at {slow.cpu_percent:.1f} % of a core",
        ),
        Row(
            what="viewer's CPU, default refresh",
            measured=f"{default.cpu_percent:.1f} % of a core",
            floor="≤ 2.5 %",
            reached=default.cpu_percent <= 2.5,
            how="user and system time of the viewer's process",
        ),
        Row(
            what="`benchtop attach`: first byte, which is the skeleton; real screen with live numbers",
            measured=f"{first:.0f} ms; {real:.0f} ms",
            floor="≤ 25 ms; ≤ 350 ms",
            reached=first <= 25 and real <= 350,
            how=f"medians of {PAINTS}, from exec",
        ),
    ]


@contextmanager
def running_session(environment: Mapping[str, str]) -> Iterator[None]:
    """`train/digits` on one thread, which leaves a core to the screen as a GPU machine does."""
    options = ("--headless", "--duration", "3600", "--set", "threads=1")
    command = (sys.executable, "-m", "app", "run", "train/digits", *options)
    with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert any("measure" in line for line in running.stdout)
            yield
        finally:
            running.terminate()
            running.communicate()


def _costs(environment: Mapping[str, str]) -> dict[str, Cost]:
    """Program → the median of its turns."""
    programs: dict[str, tuple[tuple[str, ...], Callable[[str], bool]]] = {
        "default": (ATTACH, is_live),
        "btop": (("btop",), lambda screen: "cpu" in screen),
        "--slow": ((*ATTACH, "--slow"), is_live),
        "htop": (("htop",), lambda screen: "Load average" in screen),
    }
    turns: dict[str, list[Cost]] = {}
    for _ in range(TURNS):
        for name, (command, is_up) in programs.items():
            if shutil.which(command[0]):
                turns.setdefault(name, []).append(_cost(command, is_up, environment))
    return {
        name: Cost(*(statistics.median(values) for values in zip(*costs, strict=True))) for name, costs in turns.items()
    }


def _cost(command: tuple[str, ...], is_up: Callable[[str], bool], environment: Mapping[str, str]) -> Cost:
    with Terminal(command, columns=COLUMNS, rows=ROWS, environment=environment) as terminal:
        terminal.until(is_up)
        terminal.read_for(SETTLE_S)
        before, began, used = len(terminal.output()), time.monotonic(), _cpu_s(terminal.pid)
        terminal.read_for(WATCH_S)
        elapsed = time.monotonic() - began
        sent = len(terminal.output()) - before
        return Cost(sent / elapsed, 100 * (_cpu_s(terminal.pid) - used) / elapsed)


def _start(environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds to the first byte, and to the screen with live numbers."""
    with Terminal((str(SCRIPT), "attach"), columns=COLUMNS, rows=ROWS, environment=environment) as terminal:
        terminal.until(is_live)
        return terminal.received[0][0] - terminal.started, terminal.received[-1][0] - terminal.started


def is_live(screen: str) -> bool:
    """Whether the panels with their numbers stand on the screen."""
    return "Throughput" in screen and "samples/s" in screen and "p50" in screen


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
