"""Memory over an hour at 10,000 samples a second on a simulated clock: the viewer's state, and a real conductor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.conductor.spawn import StartingConductor
from app.session.folder import create_session
from app.session.journal import JournalReader
from app.session.plan import Plan, PlannedRun
from tests.bench.row import Row
from tests.conductor.harness import plan_of

MINUTES = 60
FLOOR = 2.0
PAGE = os.sysconf("SC_PAGE_SIZE")


def measure(home: Path) -> list[Row]:
    """Both processes read the same hour of frames; each one's memory is noted at every simulated minute."""
    return [_row("viewer", _viewer()), _row("conductor", _conductor(home))]


def rss_bytes(pid: int | str = "self") -> int:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def _row(who: str, minutes: list[int]) -> Row:
    """The least of the last ten minutes against that of ten around minute ten: buffers come and go, a leak stays."""
    early, late = min(minutes[5:15]), min(minutes[-10:])
    growth = 100 * (late / early - 1)
    return Row(
        what=f"memory of the {who} after an hour at 10,000 samples/s",
        measured=f"{growth:+.2f} % ({early / 2**20:.1f} → {late / 2**20:.1f} MiB)",
        floor=f"last ten minutes within {FLOOR:g} % of minute ten",
        reached=abs(growth) <= FLOOR,
        how="simulated clock; the least of the last ten minutes against that of the ten around minute ten",
    )


def _viewer() -> list[int]:
    done = subprocess.run(
        (sys.executable, "-m", "tests.bench.hour", "viewer"), capture_output=True, text=True, check=True
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
        minutes = [rss_bytes(starting.process.pid) for _ in reports]
    starting.process.kill()
    starting.process.wait()
    assert sum(1 for _ in JournalReader(folder.journal)) > MINUTES
    return minutes
