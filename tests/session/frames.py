"""Frames with numbers that can be checked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.session.planning.plan import Plan, PlannedRun
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import Hello, Phase, Requests, Role, RunStarted, Steps

SECOND = 1_000_000_000
MS = 1_000_000
PLAN = Plan(
    name="two runs",
    runs=(PlannedRun(run=1, workload="train/digits"), PlannedRun(run=2, workload="infer/digits")),
    created_ns=0,
)


def hello(role: Role = "conductor", run: int = 0, at_ns: int = 0) -> Hello:
    """Wall time is a thousand seconds ahead of the clock."""
    return Hello(role=role, run=run, pid=1, host="here", monotonic_ns=at_ns, wall_ns=at_ns + 1000 * SECOND)


def started(run: int = 1, at_ns: int = 0) -> RunStarted:
    """2 FLOPs and 10 bytes a unit, on a device of 1,000 FLOP/s."""
    return RunStarted(
        run=run,
        at_ns=at_ns,
        workload="train/digits",
        parameters={"batch": 4},
        repeat=1,
        seed=0,
        device="cpu",
        device_name="a processor",
        precision="float32",
        unit="sample",
        flops_per_unit=2.0,
        bytes_per_unit=10.0,
        limit_flops_per_s=1000.0,
    )


def measuring(run: int = 1, at_ns: int = 0) -> Phase:
    """The measure phase begins."""
    return Phase(run=run, at_ns=at_ns, phase="measure")


def casewise(dear_flops: float = 10.0, dear_ns: int = 3 * SECOND) -> tuple[Phase | Steps | RunStarted, ...]:
    """Two cases: 10 cheap steps from 1 s to 2 s, and, half a second after a warm-up, 5 dear ones of a second."""
    cheap = Phase(run=1, at_ns=SECOND, phase="measure", case="cheap", flops_per_unit=2.0, bytes_per_unit=100.0)
    dear = Phase(run=1, at_ns=dear_ns, phase="measure", case="dear", flops_per_unit=dear_flops, bytes_per_unit=1.0)
    return (
        msgspec.structs.replace(started(1, SECOND), flops_per_unit=None, bytes_per_unit=None),
        cheap,
        steps(SECOND, 10),
        Phase(run=1, at_ns=2 * SECOND + 1, phase="cooldown"),
        msgspec.structs.replace(dear, at_ns=2 * SECOND + 500 * MS, phase="warmup"),
        steps(2 * SECOND + 500 * MS, 2, each_ns=200 * MS),
        dear,
        steps(dear_ns, 5, each_ns=200 * MS - 1),
    )


def steps(first_ns: int, count: int, *, each_ns: int = 100 * MS, samples: int = 4, run: int = 1) -> Steps:
    """Steps one after the other, a tenth of each of them data wait."""
    return Steps(
        run=run,
        start_ns=pack_integers(range(first_ns, first_ns + count * each_ns, each_ns)),
        wall_ns=pack_integers([each_ns] * count),
        samples=pack_integers([samples] * count),
        data_wait_ns=pack_integers([each_ns // 10] * count),
        loss=pack_floats([0.5] * count),
    )


def requests(dones_ns: Sequence[int], latency_ns: int, run: int = 2) -> Requests:
    """Requests of one sample each, answered at these instants."""
    sent = pack_integers([done - latency_ns for done in dones_ns])
    done = pack_integers(dones_ns)
    ones, zeros = pack_integers([1] * len(dones_ns)), pack_integers([0] * len(dones_ns))
    return Requests(run=run, scheduled_ns=sent, sent_ns=sent, first_ns=done, done_ns=done, samples=ones, outcome=zeros)
