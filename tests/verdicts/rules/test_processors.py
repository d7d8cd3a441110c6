"""cpu-contention, too-many-threads and swapping: what the machine takes away."""

from __future__ import annotations

import pytest

from app.verdicts.rules.host.contention import cpu_contention
from app.verdicts.rules.host.swapping import swapping
from app.verdicts.rules.host.threads import too_many_threads
from app.verdicts.window import DeviceMeans, RankSums, Window
from tests.verdicts.windows import gauges, gpu, started, steps, window
from workloads.wire.frames import Missing, Verdict


def shared(own: float, everyone: float, pressure: float = 60.0, **fields: object) -> Window:
    """Of four processors the run keeps `own` per cent of one busy, and `everyone` per cent of all is."""
    return window(
        worker=gauges("worker", cpu_percent=own, threads=9),
        host=gauges("host", cpu_percent=everyone, cpu_pressure_percent=pressure, cpu_steal_percent=0.0),
        **fields,
    )


def test_others_that_take_half_of_full_processors_are_told_with_what_they_take() -> None:
    verdict = cpu_contention(shared(200.0, 99.0))
    assert isinstance(verdict, Verdict)
    assert verdict.summary == "cpu-contention: others keep 2.0 of 4 processors busy, the run gets 2.0"
    assert verdict.bound == pytest.approx(3.96 / 2.0)


def test_full_processors_of_the_run_alone_are_as_they_should_be() -> None:
    assert cpu_contention(shared(390.0, 99.0)) is None


def test_others_beside_idle_processors_take_nothing() -> None:
    assert cpu_contention(shared(200.0, 80.0)) is None


def test_full_processors_without_anybody_waiting_are_shared_well() -> None:
    assert cpu_contention(shared(200.0, 99.0, pressure=5.0)) is None


def test_one_thread_that_has_its_processor_loses_nothing() -> None:
    assert cpu_contention(shared(99.0, 99.0, torch_threads=1)) is None
    assert isinstance(cpu_contention(shared(60.0, 99.0, torch_threads=1)), Verdict)


def test_a_gpu_that_is_busy_all_the_same_loses_nothing() -> None:
    busy = shared(60.0, 99.0, started=started("cuda:0"), gpus=(gpu(graphics_active_percent=98.0),))
    assert cpu_contention(busy) is None


def test_a_run_that_does_not_wait_for_a_processor_loses_none() -> None:
    crowd = gauges("host", cpu_percent=99.0, cpu_pressure_percent=60.0, cpu_steal_percent=0.0)
    sleeps = window(worker=gauges("worker", cpu_percent=6.0, cpu_wait_percent=2.0), host=crowd)
    assert cpu_contention(sleeps) is None
    starves = cpu_contention(window(worker=gauges("worker", cpu_percent=50.0, cpu_wait_percent=50.0), host=crowd))
    assert isinstance(starves, Verdict)
    assert starves.bound == pytest.approx(2.0)


def test_steal_is_contention_of_a_hypervisor() -> None:
    verdict = cpu_contention(window(host=gauges("host", cpu_steal_percent=25.0)))
    assert isinstance(verdict, Verdict)
    assert verdict.bound == pytest.approx(4 / 3)


def test_contention_without_readings_is_missing() -> None:
    assert isinstance(cpu_contention(window(host=DeviceMeans(device="host"))), Missing)
    silent = window(host=gauges("host", cpu_percent=99.0), worker=gauges("worker", cpu_percent=200.0))
    assert isinstance(cpu_contention(silent), Missing)


def test_sixteen_threads_of_torch_on_four_processors_are_too_many() -> None:
    verdict = too_many_threads(shared(390.0, 99.0, torch_threads=16))
    assert isinstance(verdict, Verdict)
    assert "16 threads on 4 processors" in verdict.summary
    assert "torch.set_num_threads(4)" in verdict.next


def test_a_thread_for_each_processor_is_as_it_should_be() -> None:
    assert too_many_threads(shared(390.0, 99.0, torch_threads=4)) is None


def test_many_threads_that_sleep_harm_nobody() -> None:
    assert too_many_threads(shared(100.0, 30.0, torch_threads=16)) is None


def test_too_many_threads_are_too_many_beside_others_too() -> None:
    assert isinstance(too_many_threads(shared(100.0, 99.0, torch_threads=16)), Verdict)


def test_ranks_share_the_processors() -> None:
    ranks = tuple(RankSums(rank=rank, steps=steps()) for rank in range(4))
    verdict = too_many_threads(shared(395.0, 99.0, torch_threads=4, ranks=ranks))
    assert isinstance(verdict, Verdict)
    assert "OMP_NUM_THREADS=1" in verdict.next


def test_processes_of_one_thread_each_are_told_to_be_fewer() -> None:
    ranks = tuple(RankSums(rank=rank, steps=steps()) for rank in range(6))
    verdict = too_many_threads(shared(395.0, 99.0, torch_threads=1, ranks=ranks))
    assert isinstance(verdict, Verdict)
    assert "6 threads on 4 processors" in verdict.summary
    assert verdict.next.startswith("fewer processes at once, 4 at most")


def test_a_crowd_of_threads_of_other_libraries_is_told_from_the_whole_count() -> None:
    crowd = window(
        worker=gauges("worker", cpu_percent=380.0, threads=90),
        host=gauges("host", cpu_percent=99.0, cpu_pressure_percent=80.0),
    )
    assert isinstance(too_many_threads(crowd), Verdict)


def test_threads_without_the_workloads_load_are_missing() -> None:
    assert isinstance(too_many_threads(window(worker=DeviceMeans(device="worker"))), Missing)
    assert isinstance(too_many_threads(window(logical_processors=None)), Missing)


def test_pages_that_come_back_from_swap_are_told() -> None:
    verdict = swapping(window(host=gauges("host", swap_in_bytes_per_s=40e6, memory_pressure_percent=30.0)))
    assert isinstance(verdict, Verdict)
    assert verdict.severity == "critical"
    assert verdict.bound == pytest.approx(1 / 0.7)


def test_pages_that_only_go_out_are_not() -> None:
    quiet = gauges("host", swap_in_bytes_per_s=0.0, swap_out_bytes_per_s=40e6, memory_pressure_percent=1.0)
    assert swapping(window(host=quiet)) is None


def test_swapping_without_its_counters_is_missing() -> None:
    assert isinstance(swapping(window(host=gauges("host", cpu_percent=5.0))), Missing)
