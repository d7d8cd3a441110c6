"""launch-bound, sync-bound and transfer-bound: why a GPU is idle."""

from __future__ import annotations

from typing import Any

import pytest

from app.verdicts.rules.host.launch import launch_bound
from app.verdicts.rules.host.sync import sync_bound
from app.verdicts.rules.host.transfer import link_bytes_per_s, transfer_bound
from app.verdicts.window import Window
from tests.verdicts.windows import H200, changed, gauges, gpu, happened, started, steps, window
from workloads.wire.frames import Missing, Verdict


def on_gpu(busy: float, *, pcie: float = 30e6, **parts: Any) -> Window:
    """A script on an H200 whose compute engine is busy for this per cent of the time."""
    parts = {"data_wait": 0.0, "h2d": 0.01, "sync": 0.01, "ahead": 0.0, "syncs": 200} | parts
    return window(
        started=started("cuda:0"),
        steps=steps(**parts),
        gpus=(gpu(graphics_active_percent=busy, utilization_percent=busy, pcie_receive_bytes_per_s=pcie),),
        worker=gauges("worker", cpu_percent=105.0, threads=30),
        logical_processors=16,
    )


def blind(**parts: Any) -> Window:
    """A GPU that tells nothing."""
    return window(started=started("cuda:0"), steps=steps(**parts), gpus=(gpu(),))


def told(said: Verdict | Missing | None) -> Verdict:
    assert isinstance(said, Verdict), said
    return said


def test_a_gpu_that_is_idle_without_another_reason_is_launch_bound() -> None:
    verdict = told(launch_bound(on_gpu(28.0)))
    assert verdict.bound == pytest.approx(1 / (1 - (0.72 - 0.02)), rel=0.01)
    assert "idle 72 %" in verdict.summary
    assert "reduce-overhead" in verdict.next


def test_a_busy_gpu_is_not_launch_bound() -> None:
    assert launch_bound(on_gpu(95.0)) is None
    assert launch_bound(on_gpu(85.0)) is None


def test_data_wait_copies_reads_and_pauses_explain_an_idle_gpu() -> None:
    assert launch_bound(on_gpu(40.0, data_wait=0.5)) is None
    assert launch_bound(on_gpu(40.0, h2d=0.5)) is None
    assert launch_bound(on_gpu(40.0, sync=0.5)) is None
    paused = on_gpu(40.0)
    assert launch_bound(changed(paused, happened=happened("garbage-collection", 100, 50.0))) is None


def test_a_gpu_with_work_in_store_is_not_launch_bound() -> None:
    assert launch_bound(on_gpu(60.0, ahead=0.6)) is None


def test_nvml_alone_will_do_where_there_is_no_gpm() -> None:
    older = window(
        started=started("cuda:0"),
        steps=steps(data_wait=0.0, ahead=0.0),
        gpus=(gpu(utilization_percent=30.0),),
    )
    assert told(launch_bound(older)).evidence[0].source == "nvml"


def test_without_activity_all_three_are_missing() -> None:
    assert isinstance(launch_bound(blind()), Missing)
    assert isinstance(sync_bound(blind(sync=0.5)), Missing)
    assert isinstance(transfer_bound(blind(h2d=0.5)), Missing)


def test_without_their_columns_reads_and_copies_are_missing() -> None:
    assert isinstance(sync_bound(blind()), Missing)
    assert isinstance(transfer_bound(blind()), Missing)


def test_a_workload_of_benchtop_is_told_to_record_a_graph() -> None:
    own = window(
        started=started("cuda:0", workload="train/resnet", parameters={"compile": False, "batch": 64}),
        hooked=False,
        steps=steps(ahead=0.0),
        gpus=(gpu(graphics_active_percent=40.0),),
    )
    verdict = told(launch_bound(own))
    assert verdict.next == "--set train/resnet.compile=true, or --set train/resnet.batch=128"
    assert verdict.experiment == "cuda-graph"


def test_one_processor_of_several_in_long_steps_is_the_same_on_the_cpu() -> None:
    narrow = window(steps=steps(step_ms=20, data_wait=0.0), worker=gauges("worker", cpu_percent=101.0), torch_threads=4)
    assert told(launch_bound(narrow)).bound == pytest.approx(4 / 1.01)


def test_a_tiny_model_and_one_thread_are_as_they_should_be() -> None:
    one = gauges("worker", cpu_percent=101.0)
    assert launch_bound(window(steps=steps(5000, 0.5, data_wait=0.0), worker=one, torch_threads=4)) is None
    assert launch_bound(window(steps=steps(step_ms=20, data_wait=0.0), worker=one, torch_threads=1)) is None
    assert launch_bound(window(steps=steps(step_ms=20, data_wait=0.0), worker=one)) is None


def test_host_and_gpu_one_after_the_other_are_sync_bound_by_the_longer_of_both() -> None:
    verdict = told(sync_bound(on_gpu(55.0, sync=0.5, syncs=2_000)))
    assert verdict.bound == pytest.approx(1 / 0.55)
    assert "(10 reads a step)" in verdict.summary
    host = told(sync_bound(on_gpu(20.0, sync=0.3, syncs=2_000)))
    assert host.bound == pytest.approx(1 / 0.7)


def test_a_wait_at_the_end_of_a_step_that_the_gpu_works_through_is_none() -> None:
    assert sync_bound(on_gpu(96.0, sync=0.8)) is None


def test_several_reads_a_step_explain_all_of_an_idle_gpu() -> None:
    assert launch_bound(on_gpu(20.0, sync=0.3, syncs=2_000)) is None
    assert isinstance(launch_bound(on_gpu(20.0, sync=0.3, syncs=200)), Verdict)
    assert isinstance(launch_bound(on_gpu(20.0, sync=0.12, syncs=600)), Verdict)


def test_there_is_nothing_to_wait_for_on_the_cpu() -> None:
    assert sync_bound(window(steps=steps(sync=0.5))) is None
    assert transfer_bound(window(steps=steps(h2d=0.5))) is None


def test_copies_from_pageable_memory_are_told_to_be_pinned() -> None:
    verdict = told(transfer_bound(on_gpu(50.0, h2d=0.4, h2d_bytes=10**10, pageable_bytes=10**10)))
    assert verdict.bound == pytest.approx(1 / 0.6)
    assert "pin_memory=True" in verdict.next
    assert verdict.experiment == "pinned-copies"


def test_a_full_link_is_told_to_carry_less() -> None:
    verdict = told(transfer_bound(on_gpu(30.0, pcie=52e9, h2d_bytes=10**11, pageable_bytes=0)))
    assert "the link is full at 52.0 GB/s" in verdict.summary
    assert "uint8" in verdict.next


def test_copies_one_after_the_other_with_arithmetic_are_told_to_overlap() -> None:
    verdict = told(transfer_bound(on_gpu(60.0, pcie=20e9, h2d_bytes=10**11, pageable_bytes=0)))
    assert "a stream of its own" in verdict.next


def test_copies_behind_arithmetic_are_nothing() -> None:
    assert transfer_bound(on_gpu(97.0, h2d=0.5, pcie=30e9)) is None


def test_a_probe_of_the_link_does_what_it_is_for() -> None:
    probe = window(
        started=started("cuda:0", workload="probe/transfer", moves_over="host-link"),
        steps=steps(),
        gpus=(gpu(graphics_active_percent=0.0, pcie_receive_bytes_per_s=56.2e9),),
    )
    assert transfer_bound(probe) is None


def test_the_link_reaches_what_an_h200_was_seen_to_copy() -> None:
    limit = link_bytes_per_s(H200)
    assert limit is not None
    assert limit == pytest.approx(56.2e9, rel=0.01)
    assert link_bytes_per_s(None) is None
