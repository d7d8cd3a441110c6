"""Whatever a window holds, no rule about the host or about time fails, and what it says can be shown and ranked."""

from __future__ import annotations

import random
from math import isfinite
from typing import Any

from app.verdicts.kinds import SIDES
from app.verdicts.rules.host import RULES as HOST
from app.verdicts.rules.over_time import RULES as OVER_TIME
from app.verdicts.window import Course, Slow, StepSums, Window
from tests.verdicts.windows import gauges, gpu, happened, started
from workloads.wire.frames import Verdict

KINDS = {kind for kinds in SIDES.values() for kind in kinds}
EXPERIMENTS = {"", "resident-batch", "pinned-copies", "double-batch", "bfloat16", "tf32", "no-sync", "cuda-graph"}


def anything(chance: random.Random) -> Window:
    """A window in which every number may be missing, nothing, or far too large."""

    def number(largest: float) -> Any:
        return chance.choice([None, 0, largest / 1000, largest / 10, largest, 10 * largest])

    def sure(largest: float) -> float:
        return float(number(largest) or 0.0)

    names = ("cpu_percent", "threads", "rss_bytes", "cpu_pressure_percent", "cpu_steal_percent", "io_pressure_percent")
    more = ("graphics_active_percent", "pcie_receive_bytes_per_s", "data_wait_cpu_percent", "between_steps_percent")
    means = {name: sure(100.0) for name in (*names, *more) if chance.random() < 0.7}
    parts = ("data_wait_ns", "h2d_ns", "backward_ns", "sync_ns", "h2d_bytes", "pageable_bytes", "ahead_ns", "launches")
    sums = StepSums(
        count=int(sure(1000)),
        wall_ns=int(sure(10**10)),
        median_ns=sure(10**7),
        p95_ns=sure(10**7),
        samples=int(sure(1000)),
        syncs=number(1000),
        **{name: number(10**10) for name in parts},
    )
    length = chance.choice([0, 3, 20, 60])
    course = Course(
        stretch_ns=chance.choice([0, 5 * 10**8]),
        from_ns=0,
        step_ns=tuple(number(10**7) for _ in range(length)),
        rss_bytes=tuple(number(10**9) for _ in range(length)),
        device_memory_bytes=tuple(number(10**9) for _ in range(length)),
        sm_clock_mhz=tuple(number(2000) for _ in range(length)),
        stalls=tuple(Slow(at * int(sure(10**9)), int(sure(10**9))) for at in range(chance.choice([0, 5]))),
    )
    return Window(
        run=1,
        from_ns=0,
        to_ns=chance.choice([0, 10**10]),
        started=chance.choice([None, started(), started("cuda:0")]),
        phase=chance.choice([None, "warmup", "measure"]),
        steps=chance.choice([None, sums, sums]),
        gpus=chance.choice([(), (gpu(**means),)]),
        host=gauges("host", None, **means),
        worker=gauges("worker", None, **means),
        logical_processors=chance.choice([None, 1, 4]),
        torch_threads=chance.choice([None, 1, 64]),
        happened=chance.choice([{}, happened("recompile", 9, 500.0), happened("garbage-collection", 9, 500.0)]),
        course=course,
        hooked=chance.random() < 0.5,
    )


def test_rules_say_sound_things_of_anything() -> None:
    chance = random.Random(7)
    told = set()
    for _ in range(400):
        window = anything(chance)
        for rule in (*HOST, *OVER_TIME):
            said = rule(window)
            if said is None:
                continue
            assert said.kind in KINDS
            if not isinstance(said, Verdict):
                continue
            told.add(said.kind)
            assert said.summary.startswith(f"{said.kind}: ")
            assert "\n" not in said.summary
            assert said.evidence
            assert said.next
            assert all(isfinite(evidence.value) for evidence in said.evidence)
            assert said.bound is None or 1.0 <= said.bound < 1000.0
            assert said.experiment in EXPERIMENTS
    assert len(told) > 5
