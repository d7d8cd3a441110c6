"""Frames in, windows out."""

from __future__ import annotations

import msgspec
import pytest

from app.session.planning.plan import Plan, PlannedRun
from app.verdicts.gathering.session import Gathering
from app.verdicts.gathering.steps import SUMMED
from tests.verdicts.frames import MS, S, gathered, phase, reading, steps, window_of
from tests.verdicts.windows import H200, started
from workloads.rows import StepRow
from workloads.wire.columns import pack_integers, unpack_integers
from workloads.wire.frames import DeviceFacts, Event, Fingerprint, Gauges, Hello, Phase, Requests, Steps


def sampler(*devices: DeviceFacts, host: str = "here") -> Hello:
    fingerprint = Fingerprint(devices=devices, threads=8, cores=4)
    return Hello(role="sampler", pid=2, host=host, monotonic_ns=0, wall_ns=0, fingerprint=fingerprint)


def worker(rank: int = 0, host: str = "here", **environment: str) -> Hello:
    fingerprint = Fingerprint(environment=environment)
    return Hello(run=1, rank=rank, role="worker", pid=3, host=host, monotonic_ns=0, wall_ns=0, fingerprint=fingerprint)


def gpus(count: int, prefix: str = "") -> tuple[DeviceFacts, ...]:
    return tuple(
        msgspec.structs.replace(H200, device=f"{prefix}gpu{place}", uuid=f"GPU-{prefix}{place}")
        for place in range(count)
    )


def test_a_window_is_of_the_last_ten_seconds() -> None:
    run = gathered(phase("measure", 0), *(steps(second, 100, data_wait_ns=2 * MS) for second in range(30)))
    window = window_of(run, 30)
    assert window.steps is not None
    assert window.seconds == 10
    assert 1000 <= window.steps.count <= 1100
    assert window.steps.wall_ns == window.steps.count * 10 * MS
    assert window.steps.data_wait_ns == window.steps.count * 2 * MS
    assert window.steps.h2d_ns is None
    assert window.steps.median_ns == pytest.approx(10 * MS, rel=0.005)


def test_the_whole_window_is_of_all_that_was_measured_and_not_of_the_warm_up() -> None:
    run = gathered(
        phase("warmup", 0), steps(0, 50), phase("measure", 1), steps(1, 100), steps(50, 100), phase("cooldown", 51)
    )
    window = window_of(run, 60, whole=True)
    assert window.whole
    assert window.steps is not None
    assert window.steps.count == 200
    assert window.from_ns == S


def test_the_warm_up_counts_until_something_is_measured() -> None:
    run = gathered(phase("warmup", 0), steps(0, 100))
    before = window_of(run, 2)
    assert before.steps is not None
    assert before.steps.count == 100
    run.feed(phase("measure", 2))
    assert window_of(run, 3).steps is None
    run.feed(steps(2, 10))
    after = window_of(run, 3)
    assert after.steps is not None
    assert (after.steps.count, after.from_ns) == (10, 2 * S)


@pytest.mark.parametrize("name", ["experiment", "profile", "evaluate", "cooldown"])
def test_what_is_no_measuring_counts_nowhere(name: str) -> None:
    run = gathered(
        phase("measure", 0),
        steps(0, 100),
        reading(0.5, cpu_percent=10),
        phase(name, 1),  # type: ignore[arg-type]
        steps(1, 100, step_ms=20),
        reading(2, cpu_percent=90),
        phase("measure", 3),
        steps(3, 100),
        reading(3.5, cpu_percent=30),
    )
    for whole in (False, True):
        window = window_of(run, 4, whole=whole)
        assert window.steps is not None
        assert (window.steps.count, window.steps.wall_ns) == (200, 200 * 10 * MS)
        assert window.host.means["cpu_percent"] == 20


def test_a_changed_knob_and_another_case_begin_a_window_of_their_own() -> None:
    run = gathered(phase("measure", 0, case="a"), steps(0, 100), phase("measure", 1, case="b"), steps(1, 50))
    window = window_of(run, 2)
    assert window.steps is not None
    assert window.steps.count == 50
    run.feed(Event(run=1, at_ns=2 * S, kind="knob", text="batch 4 → 8"))
    run.feed(steps(2, 25))
    window = window_of(run, 3)
    assert window.steps is not None
    assert (window.steps.count, window.from_ns) == (25, 2 * S)


def test_behind_a_knob_that_was_turned_the_whole_begins_anew() -> None:
    run = gathered(phase("measure", 0), steps(0, 100), reading(0.5, cpu_percent=10))
    run.feed(started(parameters={"batch": 8}))
    run.feed(phase("measure", 2))
    run.feed(steps(2, 25))
    run.feed(reading(2.1, cpu_percent=30))
    window = window_of(run, 4, whole=True)
    assert window.steps is not None
    assert (window.steps.count, window.from_ns) == (25, 2 * S)
    assert window.host.means == {"cpu_percent": 30}


def test_to_say_more_of_the_same_configuration_begins_nothing_anew() -> None:
    run = gathered(phase("measure", 0), steps(0, 100), started(unit="step", ranks=2), steps(1, 10))
    window = window_of(run, 2, whole=True)
    assert window.steps is not None
    assert window.steps.count == 110


def hooked_plan() -> Plan:
    return Plan(name="s", runs=(PlannedRun(run=1, workload="exec", command=("python", "train.py")),), created_ns=0)


def test_of_a_script_that_nobody_has_spoken_in_there_are_its_devices() -> None:
    run = gathered(*(reading(second, cpu_percent=10) for second in range(20)), plan=hooked_plan())
    assert window_of(run, 20).host.means == {"cpu_percent": 10}
    run.feed(phase("measure", 0))  # it has ended without a word
    assert window_of(run, 20, whole=True).host.counts == {"cpu_percent": 20}


def test_what_was_read_before_somebody_spoke_is_no_part_of_the_whole() -> None:
    run = gathered(*(reading(second, cpu_percent=10) for second in range(20)), plan=hooked_plan())
    window_of(run, 20)
    run.feed(phase("measure", 20))
    run.feed(reading(21, cpu_percent=30))
    assert window_of(run, 22, whole=True).host.means == {"cpu_percent": 30}
    assert window_of(run, 22).host.means == {"cpu_percent": 30}


def test_passes_of_a_loop_that_tells_its_requests_are_evidence_and_no_part_of_the_course() -> None:
    run = gathered(phase("measure", 0), msgspec.structs.replace(steps(0, 10), passes=True), requests(0, 40))
    window = window_of(run, 2)
    assert window.steps is not None
    assert window.requests is not None
    assert set(window.course.step_ns) <= {None, 20 * MS}


def test_an_epoch_begins_no_window_of_its_own() -> None:
    run = gathered(phase("measure", 0), steps(0, 100), phase("measure", 1), steps(1, 100))
    window = window_of(run, 2)
    assert window.steps is not None
    assert window.steps.count == 200


def test_slow_steps_make_the_window_longer() -> None:
    run = gathered(phase("measure", 0), *(steps(3 * place, 1, step_ms=3000) for place in range(100)))
    window = window_of(run, 300)
    assert window.steps is not None
    assert 24 <= window.steps.count <= 25
    assert window.seconds == pytest.approx(72, abs=3)


def test_steps_that_overlap_a_little_make_it_no_longer() -> None:
    """The device's clock is brought to the host's with an error of some microseconds."""
    frames = [steps(place / 10, 10, walls=[10 * MS] * 9 + [11 * MS]) for place in range(300)]
    assert window_of(gathered(phase("measure", 0), *frames), 30).from_ns == 20 * S


def test_a_window_is_the_same_whether_it_was_looked_at_before_or_not() -> None:
    """What is dropped on the way, since no window will hold it, is in none."""
    fast = [steps(place / 10, 10) for place in range(600)]
    slow = [steps(60 + 3 * place, 1, step_ms=3000) for place in range(40)]
    frames: list[Steps | Gauges] = [reading(place / 4, cpu_percent=place % 7) for place in range(720)]
    frames += fast + slow
    often, seldom = gathered(phase("measure", 0)), gathered(phase("measure", 0))
    at_s = 0
    for frame in sorted(frames, key=ends_s):
        for run in (often, seldom):
            run.feed(frame)
        if ends_s(frame) > at_s + 1:
            at_s = int(ends_s(frame))
            window = window_of(often, at_s)
            if at_s % 60 == 0:
                assert window == window_of(seldom, at_s)


def ends_s(frame: Steps | Gauges) -> float:
    """When it is told."""
    if isinstance(frame, Gauges):
        return frame.at_ns / S
    return (unpack_integers(frame.start_ns)[-1] + unpack_integers(frame.wall_ns)[-1]) / S


def test_a_column_that_a_few_steps_lack_is_told_as_if_all_had_it() -> None:
    most = steps(0, 90, device_ns=4 * MS)
    run = gathered(phase("measure", 0), most, steps(0.9, 10))
    window = window_of(run, 1)
    assert window.steps is not None
    assert window.steps.device_ns == 400 * MS
    run.feed(steps(1, 100))
    window = window_of(run, 2)
    assert window.steps is not None
    assert window.steps.device_ns is None


def test_stalls_are_in_the_course() -> None:
    walls = [10 * MS] * 200
    walls[50] = walls[150] = 200 * MS
    run = gathered(phase("measure", 0), steps(0, 20), steps(0.2, 0, walls=walls), steps(3, 20))
    window = window_of(run, 4)
    assert [stall.start_ns for stall in window.course.stalls] == [700 * MS, 1890 * MS]
    assert window.course.step_ns[0] == 10 * MS


def test_the_course_of_a_long_run_is_of_no_more_than_256_stretches() -> None:
    run = gathered(phase("measure", 0), *(steps(60 * minute, 60, step_ms=1000) for minute in range(600)))
    course = window_of(run, 36_000).course
    assert 128 <= len(course.step_ns) <= 256
    assert course.step_ns[0] == 1000 * MS
    assert course.units_per_s[100] == pytest.approx(4)


def test_a_frame_that_tells_of_seconds_is_shared_among_the_stretches_of_the_course() -> None:
    run = gathered(phase("measure", 0), steps(0, 0, walls=[10 * MS] * 100 + [20 * MS] * 100))
    course = window_of(run, 3).course
    assert list(course.step_ns) == [10 * MS, 10 * MS, 20 * MS, 20 * MS, 20 * MS, 20 * MS]
    assert course.units_per_s == pytest.approx((400, 400, 200, 200, 200, 200))


def test_frames_of_few_steps_come_to_what_they_are_one_by_one() -> None:
    walls = [[10 * MS + 7 * number + place for place in range(10)] for number in range(200)]
    frames = [
        steps(number / 10, 10, walls=each, rank=rank, data_wait_ns=number)
        for number, each in enumerate(walls)
        for rank in (0, 1)
    ]
    frames[61] = steps(3, 10, walls=[-1] * 10, rank=1)  # costs no other
    frames[81] = steps(4, 10, walls=walls[40], rank=1)  # without a column
    run = gathered(phase("measure", 0), *frames)
    for window in (window_of(run, 20), window_of(run, 21, whole=True)):
        first, other = (each.steps for each in window.ranks)
        assert abs(first.count - other.count) <= 50
        assert first.wall_ns / first.count == pytest.approx(other.wall_ns / other.count, rel=1e-4)
        assert first.median_ns == pytest.approx(other.median_ns, rel=0.005)
    assert (first.count, other.count) == (2000, 1990)
    assert other.wall_ns == sum(map(sum, walls)) - sum(walls[30])
    assert first.data_wait_ns == 10 * sum(range(200))


def test_ranks_are_told_one_by_one() -> None:
    run = gathered(phase("measure", 0), phase("measure", 0, rank=1), steps(0, 100), steps(0, 50, step_ms=20, rank=1))
    window = window_of(run, 1)
    assert [(each.rank, each.steps.count) for each in window.ranks] == [(0, 100), (1, 50)]
    assert window.steps == window.ranks[0].steps
    assert window.course.units_per_s[0] == pytest.approx(800)


def test_the_course_has_readings_of_all_phases_and_what_torch_allocates_where_it_says_so() -> None:
    run = gathered(
        started("cuda:0"),
        phase("measure", 0),
        *(reading(second, "worker", rss_bytes=10.0 + second) for second in range(3)),
        *(reading(second, f"gpu{second % 2}", memory_used_bytes=5.0, temperature_c=40 + second) for second in range(3)),
    )
    course = window_of(run, 3).course
    assert list(course.rss_bytes) == [10, None, 11, None, 12]
    assert list(course.temperature_c) == [40, None, 41, None, 42]
    assert list(course.device_memory_bytes) == [5, None, 5, None, 5]
    run.feed(reading(2.1, "gpu0", "torch", torch_allocated_bytes=3.0))
    assert list(window_of(run, 3).course.device_memory_bytes) == [None, None, None, None, 3]
    run.feed(reading(2.2, "gpu0", "torch", torch_kept_bytes=1.0))
    run.feed(reading(2.6, "gpu0", "torch", torch_allocated_bytes=4.0))
    assert list(window_of(run, 3).course.device_memory_bytes) == [None, None, None, None, 1, None]


@pytest.mark.parametrize(
    "frame",
    [
        msgspec.structs.replace(steps(0, 10), samples=pack_integers([1] * 9)),
        msgspec.structs.replace(steps(0, 10), wall_ns=pack_integers([-1] * 10)),
        msgspec.structs.replace(steps(0, 10), wall_ns=b"nonsense"),
        msgspec.structs.replace(steps(0, 10), data_wait_ns=b""),
        msgspec.structs.replace(steps(0, 10), wall_ns=pack_integers([1 << 62] * 10)),
    ],
)
def test_frames_that_make_no_sense_are_left_out(frame: object) -> None:
    run = gathered(phase("measure", 0), steps(0, 10), frame)
    window = window_of(run, 1)
    assert window.steps is not None
    assert window.steps.count == 10


def test_gauges_are_means_and_counters_have_grown() -> None:
    run = gathered(
        sampler(),
        phase("measure", 0),
        *(reading(place / 4, "worker", rss_bytes=100.0 * place, cpu_percent=50) for place in range(40)),
        Gauges(at_ns=S, device="host", source="psutil", core_percent=(10.0, 20.0)),
        Gauges(at_ns=2 * S, device="host", source="psutil", core_percent=(30.0, 40.0), absent={"frequency_mhz": "no"}),
        reading(5, "host", nonsense=1.0, cpu_percent=float("nan")),
    )
    window = window_of(run, 10)
    assert window.worker.means == {"rss_bytes": 1950.0, "cpu_percent": 50.0}
    assert window.worker.grown["rss_bytes"] == 3900
    assert window.worker.counts["rss_bytes"] == 40
    assert window.worker.largest["rss_bytes"] == 3900
    assert window.host.core_percent == (20.0, 30.0)
    assert window.host.absent == {"frequency_mhz": "no"}
    assert window.host.means == {}
    assert (window.logical_processors, window.physical_cores) == (8, 4)


def test_reasons_of_the_clocks_are_shares_of_readings() -> None:
    masks = (0x4, 0x4 | 0x20, 0, 0)
    run = gathered(
        started("cuda:0"),
        phase("measure", 0),
        *(reading(place, "gpu0", clock_event_reasons=mask) for place, mask in enumerate(masks)),
    )
    (gpu,) = window_of(run, 4).gpus
    assert gpu.reasons == {0x4: 0.5, 0x20: 0.25}


def test_a_run_has_the_devices_that_its_own_processes_are_on() -> None:
    run = gathered(
        sampler(*gpus(4)),
        worker(),
        started("cuda:0"),
        phase("measure", 0),
        *(reading(1, f"gpu{place}", "nvml", own_processes=float(place == 2), power_w=place) for place in range(4)),
    )
    assert [gpu.device for gpu in window_of(run, 2).gpus] == ["gpu2"]


@pytest.mark.parametrize(
    ("visible", "ranks", "devices"),
    [
        (None, 1, ["gpu0"]),
        ("2,3", 2, ["gpu2", "gpu3"]),
        ("GPU-3", 1, ["gpu3"]),
        ("GPU-elsewhere", 1, ["gpu0", "gpu1", "gpu2", "gpu3"]),
    ],
)
def test_else_those_that_are_visible_to_its_ranks(visible: str | None, ranks: int, devices: list[str]) -> None:
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    run = gathered(
        sampler(*gpus(4)),
        *(worker(rank, **environment) for rank in range(ranks)),
        started("cuda:0", ranks=ranks),
        phase("measure", 0),
    )
    assert [gpu.device for gpu in window_of(run, 2).gpus] == devices


def test_each_host_has_the_devices_of_its_own_ranks() -> None:
    run = gathered(
        sampler(*gpus(2)),
        sampler(*gpus(2, "there:"), host="there"),
        *(worker(rank, "here" if rank < 1 else "there") for rank in range(3)),
        started("cuda:0", ranks=3),
        phase("measure", 0),
    )
    assert [gpu.device for gpu in window_of(run, 2).gpus] == ["gpu0", "there:gpu0", "there:gpu1"]


def test_a_run_on_the_processor_has_no_devices() -> None:
    run = gathered(sampler(*gpus(2)), phase("measure", 0), reading(1, "gpu0", power_w=1))
    assert window_of(run, 2).gpus == ()


def requests(from_s: float, count: int, *, batch: int = 4) -> Requests:
    """Due every 10 ms, sent 1 ms late, 3 ms in the queue, served for 20 ms, first output after 8 ms of that."""
    dues = [round(from_s * S) + 10 * MS * place for place in range(count)]
    starts = [dues[min(count, place - place % batch + batch) - 1] + 4 * MS for place in range(count)]
    return Requests(
        run=1,
        scheduled_ns=pack_integers(dues),
        sent_ns=pack_integers(due + MS for due in dues),
        started_ns=pack_integers(starts),
        first_ns=pack_integers(start + 8 * MS for start in starts),
        done_ns=pack_integers(start + 20 * MS for start in starts),
        samples=pack_integers([2] * count),
        outcome=pack_integers([0] * (count - 1) + [2]),
        device_ns=pack_integers([5 * MS] * count),
        tokens=pack_integers([3] * count),
        itl_ns=pack_integers([6 * MS] * (2 * count)),
    )


def test_requests_are_summed_and_each_batch_is_counted_once() -> None:
    run = gathered(started(parameters={"load": "poisson", "rate": 100.0}), phase("measure", 0), requests(0, 401))
    for whole in (False, True):
        sums = window_of(run, 5, whole=whole).requests
        assert sums is not None
        assert (sums.count, sums.samples, sums.unserved) == (400, 800, 1)
        assert (sums.batches, sums.device_ns) == (100, 500 * MS)
        assert (sums.lag_ns, sums.service_ns, sums.ttft_ns) == (400 * MS, 8000 * MS, 3200 * MS)
        assert sums.queue_ns == 400 * 3 * MS + 100 * (30 + 20 + 10) * MS
        assert sums.due_per_s == pytest.approx(100)
        assert (sums.tokens, sums.gap_ns) == (1200, 802 * 6 * MS)


def test_events_of_a_window_are_summed_by_kind() -> None:
    events = [Event(run=1, at_ns=place * S, kind="checkpoint", wall_ns=MS, text=str(place)) for place in range(1, 21)]
    run = gathered(phase("measure", 0), *events)
    happened = window_of(run, 20).happened["checkpoint"]
    assert (happened.count, happened.wall_ns, happened.last) == (11, 11 * MS, events[-1])
    assert window_of(run, 20, whole=True).happened["checkpoint"].count == 20


def test_an_event_belongs_to_the_phase_that_it_began_in() -> None:
    run = gathered(
        phase("measure", 0),
        phase("evaluate", 5),
        Event(run=1, at_ns=4 * S, kind="garbage-collection", wall_ns=2 * S),
        Event(run=1, at_ns=6 * S, kind="evaluation", wall_ns=S),
        phase("measure", 7),
    )
    for whole in (False, True):
        assert set(window_of(run, 8, whole=whole).happened) == {"garbage-collection"}
    assert [event.kind for event in window_of(run, 8).course.events] == ["garbage-collection", "evaluation"]


def test_a_run_is_held_against_what_the_probes_before_it_reached() -> None:
    plan = Plan(
        name="probes",
        runs=(PlannedRun(run=1, workload="probe/matmul"), PlannedRun(run=2, workload="train/digits")),
        created_ns=0,
    )
    probe = started(workload="probe/matmul")
    cases = [
        Phase(run=1, at_ns=at_s * S, phase="measure", case=case, flops_per_unit=flops)
        for at_s, case, flops in ((0, "small", 10.0), (1, "large", 1000.0))
    ]
    gathering = Gathering(plan)
    for frame in (worker(), probe, cases[0], steps(0, 100), cases[1], steps(1, 10, step_ms=100)):
        gathering.feed(frame)
    gathering.forget(1)
    for frame in (msgspec.structs.replace(worker(), run=2), started(run=2), phase("measure", 3, run=2)):
        gathering.feed(frame)
    roofline = window_of(gathering, 4).roofline
    assert roofline is not None
    assert roofline.flops_per_s == {"float32": pytest.approx(40_000)}


def test_all_that_a_step_may_have_is_summed_but_the_loss() -> None:
    assert set(SUMMED) == StepRow._field_defaults.keys() - {"loss"}
