"""Memory over an hour at 10,000 samples a second on a simulated clock: the whole viewer, and a real conductor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.conductor.spawn import StartingConductor
from app.session.planning.plan import Plan, PlannedRun
from app.session.store.folder import create_session
from app.session.store.journal import JournalReader
from tests.bench.row import Row
from tests.conductor.harness import plan_of

MINUTES = 60


def measure(home: Path) -> list[Row]:
    """Both processes read the same hour of frames; each one's memory is noted at every simulated minute."""
    return [
        _row("viewer, drawing ten times a second,", _viewer(), 1.0),
        _row("conductor", _conductor(home), 2.0),
    ]


def own_bytes(pid: int | str = "self") -> int:
    """A process's own memory: not mapped files, whose pages the kernel takes away and brings back as it likes."""
    sizes = status_sizes(pid)
    return sizes["RssAnon"] + sizes["VmSwap"]


def status_sizes(pid: int | str = "self") -> dict[str, int]:
    """What the kernel tells of a process's memory, in bytes by its names; nothing of one that has ended."""
    fields = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: int(size.split()[0]) * 1024 for name, _, size in fields if size.endswith(" kB")}


def _row(who: str, minutes: list[int], most: float) -> Row:
    """The least of the last ten minutes against that of ten around minute ten: buffers come and go, a leak stays."""
    early, late = min(minutes[5:15]), min(minutes[-10:])
    growth = 100 * (late / early - 1)
    return Row(
        what=f"memory of the {who} after an hour at 10,000 samples/s",
        measured=f"{growth:+.2f} % ({early / 2**20:.1f} → {late / 2**20:.1f} MiB)",
        floor=f"last ten minutes within {most:g} % of minute ten",
        reached=abs(growth) <= most,
        how="simulated clock, anonymous memory: the least of ten minutes around minute ten, and of the last ten",
    )


def _viewer() -> list[int]:
    done = subprocess.run(
        (sys.executable, "-m", "tests.bench.hour", "viewer"),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "TEXTUAL_FPS": "1000"},
    )
    return [int(line) for line in done.stdout.split()]


def _conductor(home: Path) -> list[int]:
    """A real conductor over a worker that sends an hour of frames as fast as they are taken."""
    plan = Plan(
        name="hour",
        runs=(PlannedRun(run=1, workload="train/digits"),),
        created_ns=0,
        worker=(sys.executable, "-m", "tests.bench.hour", "worker"),
        sampler=plan_of("waits").sampler,
    )
    folder = create_session(home / "sessions", plan)
    said = folder.path / "minutes"
    os.mkfifo(said)
    starting = StartingConductor(folder)
    starting.wait_ready()
    with said.open() as reports:
        minutes = [own_bytes(starting.process.pid) for _ in reports]
    starting.process.kill()
    starting.process.wait()
    assert sum(1 for _ in JournalReader(folder.journal)) > MINUTES
    return minutes
