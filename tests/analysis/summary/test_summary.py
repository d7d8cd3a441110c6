"""The numbers of `show`, each checked against arithmetic done by hand or by numpy."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.statistics.early_stopping import over_latency
from app.analysis.summary.making import summarise
from app.analysis.summary.report import RankSummary, RunSummary, Summary
from app.analysis.summary.text import summary_text
from tests.analysis.journals import journalled, readings, training, whole
from tests.session.frames import MS, SECOND, hello, measuring, started, steps
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import AnyFrame, Done, Gauges, Log, Phase, Requests, Steps


def summary_of(home: Path, *frames: AnyFrame) -> Summary:
    folder = journalled(home, frames)
    finish(folder)
    return summarise(load(folder))


def first_run(home: Path, *frames: AnyFrame) -> RunSummary:
    return summary_of(home, *frames).runs[0]


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return summary_of(tmp_path_factory.mktemp("home"), *whole())


def test_rates_are_work_over_measured_time(summary: Summary) -> None:
    run = summary.runs[0]
    assert (run.samples, run.measured_s, run.samples_per_s) == (76, 2.0, 38.0)
    # 2 FLOPs and 10 bytes a sample, on a device of 1,000 FLOP/s.
    assert (run.flops_per_s, run.mfu, run.counted_bytes_per_s) == (76.0, 0.076, 380.0)
    assert run.tokens_per_s is None


def test_parts_are_means_over_the_steps_that_have_them(summary: Summary) -> None:
    run = summary.runs[0]
    assert run.parts is not None
    assert (run.parts.data_wait_ms, run.parts.forward_ms) == (10.0, None)
    assert run.data_wait_fraction == pytest.approx(0.1)


def test_results_on_held_out_data_come_with_their_sample_count(summary: Summary) -> None:
    run = summary.runs[0]
    assert (run.accuracy, run.accuracy_samples) == (0.98, 360)
    assert (run.held_out_loss, run.loss) == (0.07, 0.5)
    assert run.dropped == 3


def test_latency_is_of_answered_requests_and_the_failed_are_counted(summary: Summary) -> None:
    run = summary.runs[1]
    assert run.failed_requests == 1
    assert run.times is not None
    assert run.times_from_send is not None
    assert (run.times.count, run.times.p50_ms, run.times.max_ms) == (4, 7.5, 51.0)
    assert (run.times_from_send.p50_ms, run.times_from_send.mean_ms) == (6.5, 17.0)


def test_a_gauge_is_averaged_over_the_measure_phases_alone(summary: Summary) -> None:
    """Readings at 3 and 4 s are of time within 2 to 4 s; the one at 2 s is of the second before."""
    gauges = {(gauge.device, gauge.name): gauge for gauge in summary.runs[0].gauges}
    power = gauges["gpu0", "power_w"]
    assert (power.mean, power.peak, power.readings, power.source) == (35.0, 40.0, 2, "nvml")
    assert ("gpu0", "energy_j") not in gauges


def test_what_held_the_clocks_down_is_a_share_of_readings(summary: Summary) -> None:
    (event,) = summary.runs[0].clock_events
    assert (event.device, event.reason, event.fraction) == ("gpu0", "power cap", 1.0)


def test_energy_is_the_difference_of_the_counter(summary: Summary) -> None:
    """5·t² J between 2 s and 4 s."""
    (energy,) = summary.runs[0].energy
    assert (energy.device, energy.joules, energy.source) == ("gpu0", 60.0, "energy counter")
    assert energy.joules_per_sample == pytest.approx(60 / 76)


def test_without_a_counter_energy_is_power_over_time_and_that_is_said(tmp_path: Path) -> None:
    powers = [
        Gauges(at_ns=second * SECOND // 2, device="gpu1", source="nvml", readings={"power_w": 100.0})
        for second in range(12)
    ]
    (energy,) = first_run(tmp_path, hello(), *powers, *training()).energy
    assert (energy.device, energy.joules, energy.source) == ("gpu1", 200.0, "mean power")


def test_a_device_that_others_use_is_not_the_runs(tmp_path: Path) -> None:
    told = [
        Gauges(
            at_ns=second * SECOND // 2,
            device=device,
            source="nvml",
            readings={"power_w": 100.0, "own_processes": float(device == "gpu1"), "dram_bytes_per_s": 1e9},
        )
        for second in range(12)
        for device in ("gpu0", "gpu1", "gpu2")
    ]
    summary = summary_of(tmp_path, hello(), *told, *training())
    run = summary.runs[0]
    assert run.elsewhere == ("gpu0", "gpu2")
    assert [energy.device for energy in run.energy] == ["gpu1"]
    assert {gauge.device for gauge in run.gauges if gauge.device.startswith("gpu")} == {"gpu1"}
    assert run.state is not None
    assert [device.device for device in run.state.devices] == ["gpu1"]
    assert "gpu0, gpu2: not used by this run" in " ".join(summary_text(summary, 120).split())


def test_a_device_without_power_has_no_energy(tmp_path: Path) -> None:
    host = [frame for frame in readings() if frame.device == "host"]
    run = first_run(tmp_path, hello(), *host, *training())
    assert run.energy == ()
    assert run.clock_events == ()


def test_percentiles_are_those_of_every_sample(tmp_path: Path) -> None:
    chance = random.Random(7)
    walls = [int(chance.lognormvariate(12, 1)) for _ in range(5000)]
    starts = [number * 10 * MS for number in range(len(walls))]
    columns = [
        Steps(
            run=1,
            start_ns=pack_integers(starts[first : first + 777]),
            wall_ns=pack_integers(walls[first : first + 777]),
            samples=pack_integers([1] * len(walls[first : first + 777])),
        )
        for first in range(0, len(walls), 777)
    ]
    times = first_run(tmp_path, hello(), started(), measuring(), *columns, Done(run=1, at_ns=100 * SECOND)).times
    assert times is not None
    found = (times.p50_ms, times.p90_ms, times.p95_ms, times.p99_ms, times.p99_9_ms, times.max_ms, times.mean_ms)
    in_ms = np.array(walls) / 1e6
    assert found[:4] == pytest.approx(np.percentile(in_ms, [50, 90, 95, 99]), rel=1e-12)
    assert found[4] is None, "5,000 samples do not carry it"
    assert found[5] == in_ms.max()
    above = in_ms[in_ms > (times.early_stopping["p99"].at_most_ms or 0)]
    assert len(above) == over_latency(5000, 0.99) - 1
    assert found[6] == pytest.approx(in_ms.mean(), rel=1e-12)
    assert times.count == 5000


def test_measure_phases_are_added_up_and_what_lies_between_them_is_not_in_it(tmp_path: Path) -> None:
    phases = [
        Phase(run=1, at_ns=0, phase="measure"),
        Phase(run=1, at_ns=SECOND, phase="evaluate"),
        Phase(run=1, at_ns=3 * SECOND, phase="measure"),
        Phase(run=1, at_ns=4 * SECOND, phase="evaluate"),
    ]
    one = [
        Steps(run=1, start_ns=pack_integers([at]), wall_ns=pack_integers([MS]), samples=pack_integers([10]))
        for at in (500 * MS, 2 * SECOND, 3 * SECOND + 500 * MS)
    ]
    run = first_run(tmp_path, hello(), started(), *phases, *one, Done(run=1, at_ns=5 * SECOND))
    assert (run.measured_s, run.samples, run.samples_per_s) == (2.0, 20, 10.0)


def test_a_run_without_samples_has_none_of_their_numbers(tmp_path: Path) -> None:
    run = first_run(tmp_path, hello(), started(), measuring(), Done(run=1, at_ns=SECOND))
    assert (run.times, run.parts, run.samples_per_s, run.mfu, run.loss) == (None, None, None, None, None)
    assert run.samples == 0


def test_without_a_published_limit_there_is_no_mfu(tmp_path: Path) -> None:
    frames = [
        replace(frame, limit_flops_per_s=None) if frame == started(at_ns=SECOND) else frame for frame in training()
    ]
    run = first_run(tmp_path, hello(), *frames)
    assert run.mfu is None
    assert run.flops_per_s == 76.0


def test_several_ranks_are_summed_and_each_is_told_apart(tmp_path: Path) -> None:
    def of_rank(rank: int, comm_ms: int, loss: float) -> Steps:
        each = pack_integers([comm_ms * MS] * 20)
        return replace(steps(SECOND, 20), rank=rank, comm_ns=each, loss=pack_floats([loss] * 20))

    run = first_run(
        tmp_path,
        hello(),
        replace(started(run=1, at_ns=SECOND), ranks=2, device="cuda:0"),
        measuring(at_ns=SECOND),
        of_rank(0, 30, 0.5),
        of_rank(1, 10, 1.5),
        # What another rank says of the run as a whole is not heard.
        replace(started(run=1, at_ns=2 * SECOND), rank=1, flops_per_unit=9.0),
        Phase(run=1, rank=1, at_ns=2 * SECOND, phase="evaluate"),
        Log(run=1, rank=1, at_ns=2 * SECOND, text="hello", origin="stdout"),
        Done(run=1, at_ns=3 * SECOND),
        Done(run=0, at_ns=3 * SECOND),
    )
    assert (run.samples, run.measured_s, run.samples_per_s) == (160, 2.0, 80.0)
    assert (run.flops_per_s, run.mfu) == (160.0, 0.08), "of two devices of 1,000 FLOP/s"
    assert run.times is not None
    assert run.times.count == 40
    assert run.parts is not None
    assert (run.parts.comm_ms, run.loss) == (20.0, 1.0)
    assert run.ranks == (
        RankSummary(rank=0, samples_per_s=40.0, step_ms=100.0, own_ms=70.0, comm_ms=30.0, data_wait_ms=10.0),
        RankSummary(rank=1, samples_per_s=40.0, step_ms=100.0, own_ms=90.0, comm_ms=10.0, data_wait_ms=10.0),
    )
    text = summary_text(summary_of(tmp_path / "again", *whole()), 100)
    assert "rank" not in text, "one rank is no table"


def test_ranks_are_lines_of_the_text_and_of_very_many_the_middle_is_left_out(summary: Summary) -> None:
    ranks = tuple(RankSummary(rank=rank, samples_per_s=40.0, step_ms=100.0, comm_ms=30.0) for rank in range(100))
    text = summary_text(replace(summary, runs=(replace(summary.runs[0], ranks=ranks),)), 100)
    assert "sum of 100 ranks" in text
    assert "from all 19 steps of 100 ranks" in text
    assert "rank 31 " in text
    assert "rank 32 " not in text
    assert "36 ranks more" in text
    assert "rank 99 " in text
    assert text.replace(chr(160), " ").count("communication 30.0 ms") == 64


def test_latency_is_lag_and_queue_and_service_and_what_was_never_served_is_in_no_part_of_it(tmp_path: Path) -> None:
    asked = Requests(
        run=1,
        scheduled_ns=pack_integers([SECOND, SECOND]),
        sent_ns=pack_integers([SECOND + MS, SECOND]),
        started_ns=pack_integers([SECOND + 4 * MS, SECOND + 4 * MS]),
        first_ns=pack_integers([SECOND + 10 * MS] * 2),
        done_ns=pack_integers([SECOND + 10 * MS] * 2),
        samples=pack_integers([1, 1]),
        outcome=pack_integers([0, 0]),
    )
    unserved = replace(asked, started_ns=None, outcome=pack_integers([2, 2]))
    begun = replace(started(), parameters={"load": "poisson"})
    run = first_run(tmp_path, hello(), begun, measuring(), asked, unserved, Done(run=1, at_ns=2 * SECOND))
    assert run.times is not None
    assert run.queue is not None
    assert run.service is not None
    assert run.lag is not None
    assert (run.times.count, run.times.p50_ms) == (4, 10), "it counts as no faster than the end"
    assert run.samples == 2, "but not as work that was done"
    assert (run.queue.p50_ms, run.queue.max_ms, run.service.p50_ms) == (3.5, 4, 6)
    assert (run.lag.count, run.lag.max_ms) == (4, 1)
    assert (run.failed_requests, run.unserved_requests) == (0, 2)
