"""What a run of days says: its worker, and a sampler that has nothing to add."""

from __future__ import annotations

import os
import random
import select
import socket
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.session.store.folder import SessionFolder
from app.session.store.segments import closed_segments
from tests.bench.frames import opening
from tests.conductor.worker import commands
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.commands import Start
from workloads.wire.frames import Done, Gauges, Hello, Log, Phase, Score, Steps
from workloads.wire.framing import frame_bytes

STEP_NS: Final = 1_000_000
A_FRAME: Final = 100
FRAMES_A_NOTE: Final = 6000
"""Ten simulated minutes."""
EPOCH_FRAMES: Final = 600
"""An epoch of a minute, its evaluation of a second."""
VARIANTS: Final = 200
MOST_WAITING: Final = 2
"""Closed segments that wait to be rolled, at most: one comes every twenty minutes of such a run, and takes seconds."""


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


def sampler() -> None:
    """A reading of the first instant again and again, for a conductor waits for some; until stdin ends."""
    now = time.monotonic_ns()
    hello = Hello(role="sampler", pid=os.getpid(), host=socket.gethostname(), monotonic_ns=now, wall_ns=time.time_ns())
    os.write(1, frame_bytes(hello))
    reading = frame_bytes(Gauges(at_ns=0, device="host", source="psutil", readings={"swap_used_bytes": 0.0}))
    while not select.select((0,), (), (), 2.0)[0] or os.read(0, 4096):
        os.write(1, reading)


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
