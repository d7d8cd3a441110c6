"""input-bound: on the CPU, on a GPU that waits, on one that does not, and why."""

from __future__ import annotations

from typing import Any

import pytest

from app.verdicts.rules.host.input import input_bound
from app.verdicts.window import RankSums, RequestSums, Window
from tests.verdicts.courses import course, row
from tests.verdicts.windows import gauges, gpu, happened, started, steps, window
from workloads.wire.frames import Missing, Verdict


def on_gpu(busy: float, **parts: Any) -> Window:
    """A script on an H200 whose compute engine is busy for this per cent of the time."""
    return window(
        started=started("cuda:0"),
        steps=steps(**{"sync": 0.01, "ahead": 0.0} | parts),
        gpus=(gpu(graphics_active_percent=busy, utilization_percent=busy),),
        worker=gauges("worker", cpu_percent=105.0, threads=30),
        logical_processors=16,
    )


def told(of: Window) -> Verdict:
    verdict = input_bound(of)
    assert isinstance(verdict, Verdict), verdict
    return verdict


def test_a_third_of_the_step_in_data_wait_is_told_with_amdahls_bound() -> None:
    verdict = told(window(steps=steps(data_wait=0.34)))
    assert verdict.summary.startswith("input-bound: 34 % of the step waits for data")
    assert verdict.bound == pytest.approx(1 / 0.66)
    assert verdict.bound_because == "no data wait would give at most 1.52×"
    assert verdict.severity == "warning"
    assert verdict.experiment == "resident-batch"
    assert verdict.evidence[0].limit == 10.0


def test_most_of_the_step_in_data_wait_is_critical() -> None:
    assert told(window(steps=steps(data_wait=0.7))).severity == "critical"


def test_a_twentieth_is_not_worth_telling() -> None:
    assert input_bound(window(steps=steps(data_wait=0.05))) is None


def test_an_eighth_is_told_without_a_warning() -> None:
    assert told(window(steps=steps(data_wait=0.125))).severity == "info"


def test_a_verdict_that_stands_stays_a_little_below_its_threshold() -> None:
    assert input_bound(window(steps=steps(data_wait=0.095))) is None
    assert told(window(steps=steps(data_wait=0.095), standing=frozenset({"input-bound"}))).severity == "info"


def test_a_wait_that_the_gpu_works_through_costs_nothing() -> None:
    assert input_bound(on_gpu(97.0, data_wait=0.4, ahead=1.2)) is None
    assert input_bound(on_gpu(97.0, data_wait=0.4)) is None


def test_a_wait_that_the_gpu_spends_idle_is_told_up_to_its_idle_time() -> None:
    verdict = told(on_gpu(60.0, data_wait=0.5))
    assert verdict.bound == pytest.approx(1 / 0.6)
    assert "the GPU is idle 40 % of the time" in verdict.summary


def test_a_read_of_the_loss_before_the_wait_hides_nothing_of_it() -> None:
    verdict = told(on_gpu(50.0, data_wait=0.4, ahead=0.5, sync=0.5))
    assert verdict.bound == pytest.approx(1 / 0.6)


def test_without_any_word_of_the_gpu_it_is_missing() -> None:
    silent = window(started=started("cuda:0"), steps=steps(data_wait=0.4), gpus=())
    assert isinstance(input_bound(silent), Missing)


def test_without_a_loader_it_is_missing() -> None:
    missing = input_bound(window(steps=steps(data_wait=None)))
    assert isinstance(missing, Missing)
    assert "DataLoader" in missing.what


def test_few_steps_are_missing_but_few_long_ones_are_not() -> None:
    assert isinstance(input_bound(window(steps=steps(12, data_wait=0.5))), Missing)
    assert told(window(steps=steps(12, step_ms=800, data_wait=0.5))).bound == pytest.approx(2.0)


def test_one_busy_processor_beside_a_gpu_is_a_loop_that_makes_its_own_data() -> None:
    verdict = told(on_gpu(40.0, data_wait=0.6))
    assert verdict.next.startswith("DataLoader(…, num_workers=3")


def test_full_processors_need_cheaper_data_and_no_more_workers() -> None:
    verdict = told(window(steps=steps(data_wait=0.5), worker=gauges("worker", cpu_percent=390.0)))
    assert "takes all 4 processors" in verdict.summary
    assert "more workers would not help" in verdict.next


def test_idle_processors_and_a_busy_disk_are_storage() -> None:
    idle = window(
        steps=steps(data_wait=0.6),
        worker=gauges("worker", cpu_percent=40.0),
        host=gauges("host", cpu_percent=12.0, disk_read_bytes_per_s=210e6, io_pressure_percent=48.0),
    )
    verdict = told(idle)
    assert "which comes from disk at 210 MB/s" in verdict.summary
    assert {evidence.name for evidence in verdict.evidence} >= {"disk read", "I/O pressure"}


def test_idle_processors_and_a_busy_network_are_a_network() -> None:
    idle = window(
        steps=steps(data_wait=0.6),
        worker=gauges("worker", cpu_percent=40.0),
        host=gauges("host", cpu_percent=12.0, network_receive_bytes_per_s=90e6),
    )
    assert "over the network at 90 MB/s" in told(idle).summary


def test_idle_processors_and_nothing_else_are_said_to_wait_for_something_else() -> None:
    idle = window(steps=steps(data_wait=0.6), worker=gauges("worker", cpu_percent=42.0))
    assert "while no processor makes any" in told(idle).summary


def test_a_few_long_waits_are_workers_that_are_started_anew() -> None:
    sums = steps(200, 50, data_wait=0.4, median_ns=30e6, p95_ns=32e6)
    assert "persistent_workers=True" in told(window(steps=sums)).next


def test_a_workload_of_benchtop_is_told_its_parameter() -> None:
    own = window(
        started=started(workload="train/resnet", parameters={"workers": 1, "batch": 8}),
        hooked=False,
        steps=steps(data_wait=0.5),
        worker=gauges("worker", cpu_percent=180.0),
    )
    assert told(own).next == "--set train/resnet.workers=2"


def by_hand(between: float, **fields: Any) -> Window:
    """A loop without a DataLoader, of which this per cent passes between two steps."""
    worker = gauges("worker", cpu_percent=180.0, between_steps_percent=between)
    return window(**{"steps": steps(backward=0.3), "worker": worker} | fields)


def test_a_loop_that_makes_its_batches_by_hand_is_told_with_little_confidence() -> None:
    verdict = told(by_hand(45.0))
    assert verdict.summary.startswith("input-bound: 45 % of the time passes between the end of a step")
    assert verdict.confidence == "low"
    assert "DataLoader(…, num_workers=2" in verdict.next


def test_a_little_between_steps_or_more_and_more_of_it_is_no_input() -> None:
    assert input_bound(by_hand(8.0)) is None
    assert input_bound(by_hand(45.0, steps=steps(9_000, 1.0, backward=0.3))) is None
    assert input_bound(by_hand(45.0, happened=happened("evaluation", 4, 1000.0))) is None
    assert input_bound(by_hand(45.0, course=course(step_ns=row(lambda at: (50 + 50 * at) * 1e6)))) is None


def test_what_one_rank_alone_does_between_its_steps_is_no_input() -> None:
    """The others wait for it in backward: what passes between steps is a mean over all of them."""
    waits, pauses = steps(forward=0.05, backward=0.9, optimizer=0.05), steps(forward=0.05, backward=0.1, optimizer=0.05)
    both = (RankSums(rank=0, steps=waits), RankSums(rank=1, steps=pauses))
    assert input_bound(by_hand(42.0, steps=waits, ranks=both)) is None
    even = tuple(RankSums(rank=rank, steps=pauses) for rank in range(2))
    assert told(by_hand(42.0, steps=pauses, ranks=even)).confidence == "low"


def test_who_computes_in_the_wait_tells_a_busy_loop_from_slow_storage() -> None:
    def reading(**worker: Any) -> Window:
        return window(steps=steps(data_wait=0.6), worker=gauges("worker", cpu_percent=150.0, **worker))

    assert ", which the loop makes by itself" in told(reading(loader_workers=0, data_wait_cpu_percent=96.0)).summary
    assert "no processor makes any" in told(reading(loader_workers=0, data_wait_cpu_percent=3.0)).summary
    assert "one loader worker is too few" in told(reading(loader_workers=1, data_wait_cpu_percent=3.0)).summary
    assert "num_workers=3" in told(reading(loader_workers=1, data_wait_cpu_percent=3.0)).next


def test_servers_wait_for_no_loader() -> None:
    answers = RequestSums(count=100, samples=100, seconds=10.0, latency_median_ns=5e6, lag_ns=0, lag_p99_ns=0.0)
    assert input_bound(window(steps=None, requests=answers)) is None
    assert isinstance(input_bound(window(steps=None)), Missing)
