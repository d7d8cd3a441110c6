"""Sessions on disk whose every number can be checked by hand, written by the code that conductors use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalWriter
from tests.session.frames import MS, PLAN, SECOND, hello, measuring, started, steps
from workloads.wire.columns import pack_integers
from workloads.wire.frames import (
    SESSION,
    AnyFrame,
    Done,
    Finding,
    Gauges,
    GpuProcess,
    Log,
    Phase,
    Requests,
    Score,
)
from workloads.wire.framing import frame_bytes

LATENCIES_MS = (5, 7, 6, 50)
"""Of the four requests of the inference run that were answered; a fifth one failed after 900 ms."""


def training() -> tuple[AnyFrame, ...]:
    """Run 1: nine warm-up steps of 100 ms from 1 s on, nineteen measured ones from 2 s to 4 s, evaluated until 5 s."""
    return (
        hello("worker", run=1, at_ns=SECOND),
        started(run=1, at_ns=SECOND),
        Phase(run=1, at_ns=SECOND, phase="warmup"),
        steps(SECOND, 9, run=1),
        measuring(run=1, at_ns=2 * SECOND),
        steps(2 * SECOND, 15, run=1),
        Log(run=1, at_ns=3 * SECOND, text="half way", origin="stdout"),
        steps(3 * SECOND + 500 * MS, 4, run=1),
        Phase(run=1, at_ns=4 * SECOND, phase="evaluate", mark="epoch 1"),
        Score(run=1, at_ns=4 * SECOND + 500 * MS, metric="top1_accuracy", value=0.98, samples=360, epoch=1),
        Score(run=1, at_ns=4 * SECOND + 500 * MS, metric="loss", value=0.07, samples=360, epoch=1),
        Done(run=1, at_ns=5 * SECOND, dropped=3),
    )


def serving() -> tuple[AnyFrame, ...]:
    """Run 2: five requests, measured from 7 s to the end at 9 s; the last of them failed."""
    done = [7 * SECOND + 100 * MS * (number + 1) for number in range(5)]
    took = [latency * MS for latency in (*LATENCIES_MS, 900)]
    sent = [end - latency for end, latency in zip(done, took, strict=True)]
    return (
        hello("worker", run=2, at_ns=6 * SECOND),
        started(run=2, at_ns=6 * SECOND),
        measuring(run=2, at_ns=7 * SECOND),
        Requests(
            run=2,
            scheduled_ns=pack_integers([begin - MS for begin in sent]),
            sent_ns=pack_integers(sent),
            first_ns=pack_integers(done),
            done_ns=pack_integers(done),
            samples=pack_integers([1] * 5),
            outcome=pack_integers([0, 0, 0, 0, 1]),
        ),
        Finding(run=2, at_ns=8 * SECOND, kind="telemetry-gap", message="the sampler was started again"),
        Done(run=2, at_ns=9 * SECOND),
    )


def readings() -> tuple[Gauges, ...]:
    """One a second: power grows by 10 W a second, and so the energy counter by its integral."""
    cores = Gauges(
        at_ns=3 * SECOND, device="host", source="psutil", readings={"cpu_percent": 50.0}, core_percent=(25.0, 75.0)
    )
    return (*(_reading(second) for second in range(1, 10)), cores)


def _reading(second: int) -> Gauges:
    return Gauges(
        at_ns=second * SECOND,
        device="gpu0",
        source="nvml",
        readings={"power_w": 10.0 * second, "energy_j": 5.0 * second * second, "clock_event_reasons": 4.0},
        absent={"memory_temperature_c": "Not Supported"},
        processes=(GpuProcess(pid=7),),
    )


def whole() -> tuple[AnyFrame, ...]:
    """Both runs, ended by the conductor."""
    end = Done(run=SESSION, at_ns=9 * SECOND + 500 * MS)
    return (hello(), *readings(), *training(), *serving(), end)


def journalled(home: Path, frames: Sequence[AnyFrame]) -> SessionFolder:
    """A session folder with these frames in its journal."""
    folder = create_session(home, PLAN)
    write_journal(folder, frames)
    return folder


def write_journal(folder: SessionFolder, frames: Sequence[AnyFrame]) -> None:
    """Append frames."""
    writer = JournalWriter(folder.journal)
    for frame in frames:
        writer.append(frame_bytes(frame))
    writer.close()
