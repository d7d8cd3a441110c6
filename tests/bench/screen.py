"""What the live screen costs: bytes to the terminal, CPU of the viewer, and the time to its first picture."""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.row import Row
from tests.terminal import Terminal

PROGRAM = Path(__file__).parents[2] / "app"
COLUMNS, ROWS = 140, 40
SETTLE_S = 8.0
WATCH_S = 30.0
PAINTS = 10
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
ATTACH = (sys.executable, "-m", "app", "attach")


def measure(home: Path) -> list[Row]:
    """All three on one running training session."""
    environment = {"BENCHTOP_HOME": str(home)}
    # As an installed program is: pip compiles what it installs, an editable install compiles when it is first used.
    compileall.compile_dir(PROGRAM, quiet=1)
    with _running_session(environment):
        rate, cpu = _steady(environment)
        paints = [_first_paint(environment) for _ in range(PAINTS)]
    paint = statistics.median(paints)
    return [
        Row(
            what=f"bytes a second to the terminal, {COLUMNS}×{ROWS}, default refresh, a running session",
            measured=f"{rate:,.0f}",
            floor="≤ 25,000",
            reached=rate <= 25_000,
            how=f"over {WATCH_S:.0f} s of `train/digits`",
        ),
        Row(
            what="viewer's CPU, the same",
            measured=f"{cpu:.1f} % of a core",
            floor="≤ 6 %",
            reached=cpu <= 6,
            how="user and system time of the viewer's process",
        ),
        Row(
            what="first paint of `benchtop attach` on a running session",
            measured=f"{paint * 1e3:.0f} ms ({min(paints) * 1e3:.0f} to {max(paints) * 1e3:.0f})",
            floor="≤ 400 ms",
            reached=paint <= 0.4,
            how=f"median of {PAINTS}, from exec until the panels with live numbers stand on the screen",
        ),
    ]


@contextmanager
def _running_session(environment: dict[str, str]) -> Iterator[None]:
    command = (sys.executable, "-m", "app", "run", "train/digits", "--headless", "--duration", "600")
    with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert any("measure" in line for line in running.stdout)
            yield
        finally:
            running.terminate()
            running.communicate()


def _steady(environment: dict[str, str]) -> tuple[float, float]:
    """Bytes a second, and per cent of a core."""
    with Terminal(ATTACH, columns=COLUMNS, rows=ROWS, environment=environment) as terminal:
        terminal.until(_is_live)
        terminal.read_for(SETTLE_S)
        before, began, used = len(terminal.output()), time.monotonic(), _cpu_s(terminal.pid)
        terminal.read_for(WATCH_S)
        elapsed = time.monotonic() - began
        return (len(terminal.output()) - before) / elapsed, 100 * (_cpu_s(terminal.pid) - used) / elapsed


def _first_paint(environment: dict[str, str]) -> float:
    with Terminal(ATTACH, columns=COLUMNS, rows=ROWS, environment=environment) as terminal:
        terminal.until(_is_live)
        return terminal.received[-1][0] - terminal.started


def _is_live(screen: str) -> bool:
    return "Throughput" in screen and "samples/s" in screen and "p50" in screen


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
