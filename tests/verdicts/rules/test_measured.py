"""Scripts as they were measured on H200s, in which two things at once keep the GPU idle: the cause is told first."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from app.verdicts.ranking import alone, ranked
from app.verdicts.rules import ALL
from app.verdicts.rules.over_time.warming import warming_up
from app.verdicts.window import RankSums, StepSums, Window
from tests.verdicts.courses import course, row
from tests.verdicts.h200 import IDLE, device
from tests.verdicts.windows import MS, gauges, started, steps, window
from workloads.wire.frames import Verdict


def script(
    of: StepSums, busy: float, *others: StepSums, worker: dict[str, float] | None = None, **changes: Any
) -> Window:
    """A script whose GPUs' compute engine is busy for this per cent of the time, with steps of each rank."""
    one = device(IDLE, graphics_active_percent=busy, sm_active_percent=busy / 3, sm_occupancy_percent=6.0)
    sums = (of, *others)
    given: dict[str, Any] = {
        "started": started("cuda:0", ranks=len(sums), operators_per_step=423),
        "steps": of,
        "ranks": tuple(RankSums(rank=rank, steps=each) for rank, each in enumerate(sums)) if others else (),
        "gpus": tuple(replace(one, device=f"gpu{place}") for place in range(len(sums))),
        "worker": gauges("worker", None, cpu_percent=98.0, threads=40, **worker or {}),
        "logical_processors": 16,
        "physical_cores": 16,
    }
    return window(**given | changes)


def told(of: Window) -> list[Verdict]:
    """All verdicts, the primary one first."""
    return ranked(alone([said for rule in ALL if isinstance(said := rule(of), Verdict)]))


def kinds(of: Window) -> list[str]:
    return [verdict.kind for verdict in told(of)]


def reading(syncs: int = 49, waits: float = 0.1437, busy: float = 50.5) -> Window:
    """16 layers, after each of which a value is read, and a branch for each gradient."""
    parts = {"forward": 0.32, "backward": 0.35, "optimizer": 0.024, "h2d": 0.0, "sync": waits, "ahead": 0.011}
    return script(steps(1_450, 6.897, **parts, syncs=1_450 * syncs), busy)


def test_many_short_reads_go_before_the_launches_that_they_keep_from_a_graph() -> None:
    assert kinds(reading())[:2] == ["sync-bound", "launch-bound"]
    assert kinds(reading(syncs=1))[:2] == ["launch-bound", "sync-bound"], "a graph may hold all but the end of a step"
    (alone_there,) = told(reading(busy=75.0))
    assert (alone_there.kind, alone_there.severity) == ("sync-bound", "info")


def emptying(took: float) -> Window:
    """`torch.cuda.empty_cache()` behind each step."""
    parts = {"forward": 0.33, "backward": 0.16, "optimizer": 0.026, "h2d": 0.0, "sync": 0.0, "ahead": 0.255}
    of = script(
        steps(440, 22.737, **parts, syncs=0),
        52.7,
        worker={"between_steps_percent": 47.5 - 100 * took, "empty_cache_percent": 100 * took},
    )
    gpu = replace(of.gpus[0], grown={"torch_device_mallocs": 4_385.0}, counts={**of.gpus[0].counts})
    return replace(of, gpus=(gpu,))


def test_a_cache_that_is_emptied_between_steps_is_no_batch_that_is_made_there() -> None:
    (verdict,) = told(emptying(took=0.46))
    assert verdict.kind == "allocator-churn"
    assert verdict.bound == pytest.approx(1 / (1 - 0.46))
    assert "empty_cache() takes 46 % of the time" in verdict.summary
    assert "no torch.cuda.empty_cache()" in verdict.next


def test_what_is_emptied_while_the_gpu_works_costs_nothing() -> None:
    of = emptying(took=0.3)
    busy = replace(of.gpus[0], means=of.gpus[0].means | {"graphics_active_percent": 97.0}, grown={})
    assert "allocator-churn" not in kinds(replace(of, gpus=(busy,)))


GLOO: dict[str, Any] = {"h2d": 0.003, "optimizer": 0.014, "ahead": 0.006, "sync": 0.0, "syncs": 0}


def test_a_rank_whose_data_come_late_is_a_straggler_and_the_other_not_launch_bound() -> None:
    waits = steps(296, 33.834, **GLOO, data_wait=0.006, forward=0.012, backward=0.949, comm=0.92)
    late = steps(296, 33.834, **GLOO, data_wait=0.897, forward=0.014, backward=0.058, comm=0.03)
    verdict = told(script(waits, 0.8, late))[0]
    assert (verdict.kind, verdict.rank, verdict.severity) == ("straggler", 1, "critical")
    assert "most of it in data wait" in verdict.summary
    assert "launch-bound" not in kinds(script(waits, 0.8, late))


def test_an_exchange_that_the_host_waits_for_is_no_wait_for_launches() -> None:
    parts = {"forward": 0.012, "backward": 0.966, "optimizer": 0.004, "ahead": 0.022, "sync": 0.0, "syncs": 0}
    each = steps(118, 84.97, **parts, comm=0.95)
    assert kinds(script(each, 0.81, each)) == ["communication-bound"]


def test_an_exchange_that_the_stream_waits_for_is_told_though_the_host_is_ahead() -> None:
    parts = {"forward": 0.14, "backward": 0.65, "optimizer": 0.065, "ahead": 1.2, "sync": 0.0, "syncs": 0}
    each = steps(5_000, 1.892, **parts, comm=0.45)
    assert kinds(script(each, 70.0, each))[0] == "communication-bound"


def test_a_kernel_that_waits_keeps_the_gpu_busy_and_explains_no_idle_time() -> None:
    parts = {"forward": 0.3, "backward": 0.5, "optimizer": 0.1, "ahead": 0.01, "sync": 0.0, "syncs": 0}
    each = steps(2_000, 5.0, **parts, comm=0.3)
    assert "launch-bound" in kinds(script(each, 40.0, each))


def test_memory_that_is_full_in_minutes_goes_before_what_could_be_faster() -> None:
    """A small model, whose features are kept: data wait and launches are there too, each by itself."""
    parts = {"data_wait": 0.181, "h2d": 0.063, "forward": 0.1, "backward": 0.33, "optimizer": 0.158, "ahead": 0.026}
    of = script(steps(4_143, 2.413, **parts, sync=0.0, syncs=0), 11.3, worker={"loader_workers": 0.0})
    leak = course(device_memory_bytes=row(lambda at: 5e8 + 4.5e9 * at, noise=0.001, stretches=48))
    assert kinds(replace(of, course=leak))[:3] == ["memory-growth", "launch-bound", "input-bound"]
    assert kinds(of)[:2] == ["launch-bound", "input-bound"], "launch-bound is what the wait does not explain"


def test_batches_that_come_to_bunch_are_no_warm_up() -> None:
    """Four workers, each batch of which takes 128 ms: in the end three steps wait for none, and the fourth for all."""
    median = row(lambda at: (8.2 - 6.9 * at) * MS, stretches=20)
    same, more = (row(shape, stretches=20) for shape in (lambda _: 944.0, lambda at: 944.0 / (1 - 0.8 * at)))
    assert warming_up(window(course=course(step_ns=median, units_per_s=same))) is None
    assert isinstance(warming_up(window(course=course(step_ns=median, units_per_s=more))), Verdict)
    assert isinstance(warming_up(window(course=course(step_ns=median))), Verdict), "nobody counts what is done"
