"""Runs made at random, of every kind of sample, reading and event: no rule fails, and every verdict can be told."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Any, get_args

import pytest

from app.session.planning.plan import Plan, PlannedRun
from app.verdicts.engine import Engine
from app.verdicts.gathering.steps import SUMMED
from app.verdicts.kinds import SIDES
from tests.verdicts.frames import MS, S, phase
from tests.verdicts.windows import H200, started
from workloads.wire.columns import pack_integers
from workloads.wire.frames import (
    AnyFrame,
    Event,
    EventKind,
    Fingerprint,
    Gauges,
    Hello,
    Log,
    PhaseName,
    Requests,
    RunStarted,
    Steps,
    Verdicts,
)
from workloads.wire.framing import frame_bytes
from workloads.wire.gauges import GAUGES

KINDS = {kind for kinds in SIDES.values() for kind in kinds}
SECONDS = 25


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_run_is_like_every_rule_has_an_answer(seed: int) -> None:
    said = list(_explained(Random(seed)))
    assert [frame.text for frame in said if isinstance(frame, Log)] == []
    for frame in (frame for frame in said if isinstance(frame, Verdicts)):
        assert frame_bytes(frame)
        assert {verdict.kind for verdict in frame.verdicts} | {missing.kind for missing in frame.missing} <= KINDS
        for verdict in frame.verdicts:
            assert verdict.summary.startswith(verdict.kind)
            assert all(math.isfinite(each.value) for each in verdict.evidence)
            assert verdict.bound is None or 1 <= verdict.bound < math.inf


def _explained(random: Random) -> Iterator[AnyFrame]:
    hooked = ("python", "train.py") if random.random() < 0.5 else ()
    engine = Engine(Plan(name="any", created_ns=0, runs=(PlannedRun(run=1, workload="exec", command=hooked),)))
    fingerprint = Fingerprint(devices=(H200,), threads=random.choice((0, 1, 8)), cores=random.choice((None, 4)))
    engine.feed(Hello(role="sampler", pid=1, host="here", monotonic_ns=0, wall_ns=0, fingerprint=fingerprint))
    engine.feed(_started(random))
    engine.feed(phase(random.choice(("warmup", "measure")), 0))
    columns = [name for name in SUMMED if random.random() < 0.5]
    gauges = random.sample(list(GAUGES), random.randint(0, len(GAUGES)))
    scale = random.choice((0.0, 1.0, 1e3, 1e12))
    for second in range(SECONDS):
        if random.random() < 0.1:
            engine.feed(phase(random.choice(get_args(PhaseName)), second, rank=random.choice((0, 0, 1))))
        for _ in range(random.randint(0, 3)):
            engine.feed(_requests(random, second) if random.random() < 0.3 else _steps(random, second, columns))
        for device in ("host", "worker", "gpu0"):
            engine.feed(_reading(random, second, device, gauges, scale))
        if random.random() < 0.4:
            kind, wall_ns = random.choice(get_args(EventKind)), random.choice((0, MS, S))
            engine.feed(Event(run=1, at_ns=second * S, kind=kind, wall_ns=wall_ns))
        yield from engine.look((second + 1) * S)
    yield from engine.end(1, (SECONDS + 1) * S)


def _started(random: Random) -> RunStarted:
    return started(
        random.choice(("cpu", "cuda:0", "")),
        ranks=random.choice((1, 2)),
        flops_per_unit=random.choice((None, 0.0, 1e9)),
        operators_per_step=random.choice((None, 0.0, 40.0, 1e6)),
        bytes_per_unit=random.choice((None, 0.0, 1e6)),
        precision=random.choice(("float32", "bfloat16", "")),
        limit_flops_per_s=random.choice((None, 1e12)),
        parameters=random.choice(({}, {"load": "poisson", "rate": 10.0}, {"batch": 0})),
    )


def _steps(random: Random, second: int, names: list[str]) -> Steps:
    count = random.choice((0, 1, 5, 60))
    columns: dict[str, Any] = {
        name: pack_integers(random.choices((0, 1, MS, 100 * MS), k=count)) for name in names if random.random() < 0.9
    }
    return Steps(
        run=1,
        rank=random.choice((0, 0, 1)),
        start_ns=pack_integers(second * S + place for place in range(count)),
        wall_ns=pack_integers(random.choices((0, 1, MS, 100 * MS, 5 * S), k=count)),
        samples=pack_integers(random.choices((0, 4), k=count)),
        passes=random.random() < 0.1,
        **columns,
    )


def _requests(random: Random, second: int) -> Requests:
    count = random.choice((0, 1, 5, 60))
    dues = [second * S + place * MS for place in range(count)]

    def later() -> bytes:
        return pack_integers(due + random.choice((0, MS, S)) for due in dues)

    return Requests(
        run=1,
        rank=random.choice((0, 1)),
        scheduled_ns=pack_integers(dues),
        sent_ns=later(),
        first_ns=later(),
        done_ns=later(),
        samples=pack_integers(random.choices((0, 1), k=count)),
        outcome=pack_integers(random.choices((0, 0, 0, 1, 2), k=count)),
        tokens=random.choice((None, pack_integers(random.choices((0, 1, 3), k=count)))),
        started_ns=random.choice((None, later())),
        device_ns=random.choice((None, pack_integers([0] * count))),
        itl_ns=random.choice((None, pack_integers((0, 5)))),
    )


def _reading(random: Random, second: int, device: str, gauges: list[str], scale: float) -> Gauges:
    return Gauges(
        at_ns=second * S + 1,
        device=device,
        source="nvml",
        readings={name: random.choice((0.0, 1.0, 100.0, scale, -1.0)) for name in gauges},
        core_percent=random.choice(((), (0.0, 100.0))),
        absent={name: "not supported" for name in GAUGES if name not in gauges},
    )
