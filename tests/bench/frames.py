"""How many samples a second one core takes in: decoded, journalled, and put into the live columns."""

from __future__ import annotations

import functools
import tempfile
import time
from array import array
from pathlib import Path

from app.session.live.session import LiveSession
from app.session.planning.plan import Plan, PlannedRun
from app.session.store.journal import JournalWriter
from tests.bench.row import Row
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import Hello, Phase, RunStarted, Steps
from workloads.wire.framing import FrameReader, frame_bytes

SAMPLES_A_FRAME = 5_000
"""100,000 steps a second in frames of 50 ms."""

FRAMES = 1_000
FLOOR = 1_000_000
PLAN = Plan(name="bench", runs=(PlannedRun(run=1, workload="train/digits"),), created_ns=0)


def opening(started_ns: int = 0) -> list[bytes]:
    """The frames before the first step."""
    return [
        frame_bytes(Hello(role="conductor", pid=1, host="bench", monotonic_ns=started_ns, wall_ns=started_ns)),
        frame_bytes(
            RunStarted(
                run=1,
                at_ns=started_ns,
                workload="train/digits",
                parameters={},
                repeat=1,
                seed=0,
                device="cpu",
                device_name="bench",
                precision="float32",
                unit="sample",
            )
        ),
        frame_bytes(Phase(run=1, at_ns=started_ns, phase="measure")),
    ]


@functools.cache
def _column(count: int, nanoseconds: int) -> bytes:
    return pack_integers(nanoseconds + step % 997 for step in range(count))


def steps_frame(first: int, count: int, step_ns: int, rank: int = 0) -> bytes:
    """`count` steps of all the columns that a training run has, the first of them number `first`."""
    starts = array("q", range(first * step_ns, (first + count) * step_ns, step_ns))
    return frame_bytes(
        Steps(
            run=1,
            rank=rank,
            start_ns=pack_integers(starts),
            wall_ns=_column(count, int(step_ns * 0.99)),
            samples=pack_integers([64] * count),
            data_wait_ns=_column(count, int(step_ns * 0.05)),
            h2d_ns=_column(count, int(step_ns * 0.02)),
            forward_ns=_column(count, int(step_ns * 0.3)),
            backward_ns=_column(count, int(step_ns * 0.5)),
            optimizer_ns=_column(count, int(step_ns * 0.1)),
            device_ns=_column(count, int(step_ns * 0.9)),
            loss=pack_floats([0.5] * count),
        )
    )


def measure() -> Row:
    """Wall time of one thread over frames that were made beforehand."""
    step_ns = 50_000_000 // SAMPLES_A_FRAME
    stream = opening() + [steps_frame(n * SAMPLES_A_FRAME, SAMPLES_A_FRAME, step_ns) for n in range(FRAMES)]
    with tempfile.TemporaryDirectory() as folder:
        journal = JournalWriter(Path(folder) / "journal.frames")
        reader, live = FrameReader(), LiveSession(PLAN)
        began = time.perf_counter()
        for data in stream:
            for frame in reader.feed(data):
                live.feed(frame)
            journal.append(data)
        took = time.perf_counter() - began
        journal.close()
    rate = SAMPLES_A_FRAME * FRAMES / took
    size = sum(map(len, stream)) / (SAMPLES_A_FRAME * FRAMES)
    return Row(
        what="frames: samples a second decoded, journalled and put into the live columns, one core",
        measured=f"{rate:,.0f}",
        floor=f"{FLOOR:,}",
        reached=rate >= FLOOR,
        how=f"steps with ten columns, {size:.0f} bytes a step, {SAMPLES_A_FRAME:,} a frame",
    )
