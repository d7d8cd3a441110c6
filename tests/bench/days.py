"""A run of days at 1,000 steps a second on a simulated clock: `python -m tests.bench.days [HOURS]`.

A real conductor over a worker that sends hours of frames as fast as they are taken, its real rolling, and a viewer's
object that follows. Noted at every simulated ten minutes: both memories, and what the session takes on the disk. All
72 hours are 259 million steps, 13 GB of journal: 20 minutes of a processor. HOURS of them show what grows.
"""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

from app.conductor.spawn import StartingConductor
from app.session.planning.plan import Plan, PlannedRun
from app.session.sources.watch import Watch
from app.session.store.folder import SessionFolder, create_session
from app.session.store.segments import closed_segments, rolled_segments
from tests.bench.frames import opening
from tests.bench.memory import own_bytes
from tests.bench.row import Row
from tests.conductor.harness import plan_of
from tests.conductor.worker import commands
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.commands import Start
from workloads.wire.frames import Done, Gauges, Log, Phase, Score, Steps
from workloads.wire.framing import frame_bytes

HOURS = 6
STEP_NS = 1_000_000
A_FRAME = 100
FRAMES_A_NOTE = 6000
"""Ten simulated minutes."""
EPOCH_FRAMES = 600
"""An epoch of a minute, its evaluation of a second."""
VARIANTS = 200
MOST_WAITING = 2
"""Closed segments that wait to be rolled, at most: one comes every twenty minutes of such a run, and takes seconds."""


def measure(home: Path, hours: int = HOURS) -> list[Row]:
    """The rows: what grew."""
    plan = Plan(
        name="days",
        runs=(PlannedRun(run=1, workload="train/digits"),),
        created_ns=0,
        worker=(sys.executable, "-m", "tests.bench.days", "worker", str(hours)),
        sampler=plan_of("waits").sampler,
    )
    folder = create_session(home / "sessions", plan)
    os.mkfifo(folder.path / "notes")
    starting = StartingConductor(folder)
    starting.wait_ready()
    viewer = subprocess.Popen(
        (sys.executable, "-m", "tests.bench.days", "viewer", str(folder.path)), stdout=subprocess.PIPE, text=True
    )
    conductor, disk = [], []
    with (folder.path / "notes").open() as notes:
        for _ in notes:
            conductor.append(own_bytes(starting.process.pid))
            disk.append(folder.size_bytes())
    starting.process.wait()
    seen, _ = viewer.communicate()
    size = sum(path.stat().st_size for path in folder.path.iterdir())
    steps = hours * 3600 * 1000
    rolled = len(rolled_segments(folder))
    manifest = folder.read_manifest()
    assert manifest.runs[0].headline.samples == steps * 64, manifest.recovery
    viewer_notes = [int(line) for line in seen.split()]
    return [
        _memory("conductor", conductor, hours),
        _memory("viewer that follows", viewer_notes, hours),
        Row(
            what=f"disk after {hours} simulated hours at 1,000 steps/s, rolled as they went",
            measured=f"{size / steps:.1f} bytes a step in {rolled} parts; at most {max(disk) / 2**20:,.0f} MiB before",
            floor="no journal is left",
            reached=not folder.journal.exists() and not closed_segments(folder),
            how=f"{steps:,} steps of twelve columns; the manifest has {folder.manifest.stat().st_size:,} bytes",
        ),
    ]


def _memory(who: str, notes: list[int], hours: int) -> Row:
    """The least of the last third against that of the middle one: buffers come and go, a leak stays."""
    print(f"{who}: {' '.join(f'{note / 2**20:.1f}' for note in notes)} MiB", file=sys.stderr)
    third = len(notes) // 3
    early, late = min(notes[third : 2 * third]), min(notes[-third:])
    growth = 100 * (late / early - 1)
    return Row(
        what=f"memory of the {who} over {hours} simulated hours at 1,000 steps/s",
        measured=f"{growth:+.2f} % ({early / 2**20:.1f} → {late / 2**20:.1f} MiB)",
        floor="the last third within 3 % of the middle one",
        reached=abs(growth) <= 3,
        how="anonymous memory at every ten simulated minutes: the least of a third of them",
    )


def worker(hours: int) -> None:
    """Frames to stdout; a line into the session's pipe at every note. Waits while rolling is behind."""
    start = commands()
    assert isinstance(start, Start)
    folder = SessionFolder(Path(start.folder))
    out = sys.stdout.buffer
    with (folder.path / "notes").open("w") as notes:
        for data in opening():
            out.write(data)
        for number, data in enumerate(frames(hours)):
            out.write(data)
            if number % 300 == 0:
                while len(closed_segments(folder)) > MOST_WAITING:
                    select.select((), (), (), 0.05)
            if number % FRAMES_A_NOTE == FRAMES_A_NOTE - 1:
                out.flush()
                print("note", file=notes, flush=True)
        out.write(frame_bytes(Done(run=1, at_ns=hours * 3600 * 10**9)))
        out.flush()


def frames(hours: int, seed: int = 1) -> Iterator[bytes]:
    """Every tenth of a second a frame of a hundred steps; readings, lines, epochs and their scores as they come."""
    chance = random.Random(seed)
    variants = [_columns(chance) for _ in range(VARIANTS)]
    samples = pack_integers([64] * A_FRAME)
    for number in range(hours * 36_000):
        first = number * A_FRAME * STEP_NS
        starts = pack_integers(array("q", range(first, first + A_FRAME * STEP_NS, STEP_NS)))
        end = first + A_FRAME * STEP_NS
        data = frame_bytes(Steps(run=1, start_ns=starts, samples=samples, **chance.choice(variants)))  # type: ignore[arg-type]
        if number % 10 == 0:
            load = {"cpu_percent": chance.uniform(0, 100), "memory_used_bytes": chance.uniform(1e9, 2e9)}
            data += frame_bytes(Gauges(run=1, at_ns=end, device="host", source="psutil", readings=load))
        if number % EPOCH_FRAMES == EPOCH_FRAMES - 1:
            epoch = number // EPOCH_FRAMES + 1
            score = Score(run=1, at_ns=end, metric="top1_accuracy", value=chance.random(), samples=360, epoch=epoch)
            text = f"epoch {epoch}: {chance.random():.4f}"
            data += frame_bytes(score) + frame_bytes(Log(run=1, at_ns=end, text=text))
            data += frame_bytes(Phase(run=1, at_ns=end, phase="measure", mark=f"epoch {epoch + 1}"))
        yield data


def _columns(chance: random.Random) -> dict[str, bytes]:
    """The columns of a hundred steps that vary as those of a training on a device do."""

    def part(share: float, spread: float) -> bytes:
        return pack_integers(int(share * STEP_NS * chance.lognormvariate(0, spread)) for _ in range(A_FRAME))

    return {
        "wall_ns": part(0.9, 0.02),
        "data_wait_ns": part(0.03, 0.25),
        "h2d_ns": part(0.02, 0.05),
        "forward_ns": part(0.3, 0.02),
        "backward_ns": part(0.45, 0.02),
        "optimizer_ns": part(0.1, 0.02),
        "device_ns": part(0.85, 0.02),
        "loss": pack_floats(chance.lognormvariate(0, 0.3) for _ in range(A_FRAME)),
    }


def viewer(path: Path) -> None:
    """Look as a screen does; print the memory at every note."""
    watch = Watch.follow(SessionFolder(path))
    noted = 0
    while True:
        view = watch.look(time.monotonic_ns())
        if view.current is not None and view.current.steps // (FRAMES_A_NOTE * A_FRAME) > noted:
            noted = view.current.steps // (FRAMES_A_NOTE * A_FRAME)
            watch.look_back()
            print(own_bytes(), flush=True)
        if view.state in ("done", "failed", "interrupted", "lost") and view.catching_up is None:
            break
        select.select((), (), (), 0.02 if view.catching_up is None else 0.0)
    watch.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        worker(int(sys.argv[2]))
    elif sys.argv[1:2] == ["viewer"]:
        viewer(Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory(prefix="benchtop-days-") as home:
            for row in measure(Path(home), *map(int, sys.argv[1:2])):
                print(row)
