"""Two sessions of ten million requests, compared; `python -m tests.bench.compared FOLDER` makes them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

from app.session.store.folder import SessionFolder
from tests.analysis.compare.sessions import MadeRun, made
from tests.bench.row import Row

REQUESTS = 10_000_000
TIMES = 5
MOST_S, MOST_BYTES = 2.0, 1 << 30


def measure(home: Path) -> list[Row]:
    """The median time of several, and the most memory that any of them had."""
    # In a process of its own: the kernel counts the memory of whoever starts a process as that process's own.
    maker = (sys.executable, "-m", "tests.bench.compared", str(home / "compared"))
    folders = subprocess.run(maker, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    command = (sys.executable, "-m", "app", "compare", *folders)
    seconds, cpu, memory = zip(*(_once(command) for _ in range(TIMES)), strict=True)
    median, most = statistics.median(seconds), max(memory)
    what = f"compare of two sessions of {REQUESTS:,} requests"
    how = (
        f"`benchtop compare A B`, start of Python included, {TIMES} times; {statistics.median(cpu):.2f} s of processor"
    )
    return [
        Row(f"{what}: time", f"{median:.2f} s", f"≤ {MOST_S:g} s", median <= MOST_S, f"median; {how}"),
        Row(
            f"{what}: memory", f"{most / 2**30:.2f} GiB", "≤ 1 GiB", most <= MOST_BYTES, "the highest that was resident"
        ),
    ]


def _session(home: Path, seed: int) -> SessionFolder:
    """Latencies that are exponential from half a millisecond on, in one run."""
    drawn = pl.select(uniform=pl.int_range(1, REQUESTS + 1).hash(seed).cast(pl.Float64) / 2**64).to_series()
    return made(home, MadeRun(0.5 - 0.5 * (drawn + 1e-12).log(), "infer/digits"), name=f"many {seed}")


def _once(command: tuple[str, ...]) -> tuple[float, float, int]:
    """Seconds from start to end, seconds of processor, and the most resident bytes."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, command
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


if __name__ == "__main__":
    for number in (1, 2):
        print(_session(Path(sys.argv[1]), number).path)
