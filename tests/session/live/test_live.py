"""What the screen shows of frames whose numbers are known."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.session.live.buckets import KEPT
from app.session.live.session import LiveSession
from app.session.live.timeline import COURSES
from app.session.live.view import View
from tests.session.frames import MS, PLAN, SECOND, casewise, hello, measuring, requests, started, steps
from tests.wire import strategies as wire
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import (
    AnyFrame,
    DeviceFacts,
    Done,
    Failure,
    Finding,
    Fingerprint,
    Gauges,
    Hello,
    Log,
    Phase,
    Score,
)
from workloads.wire.framing import FrameReader, frame_bytes

TRAINING: tuple[AnyFrame, ...] = (hello(), hello("worker", 1), started(), measuring(), steps(0, 40))
"""Four seconds of steps of 100 ms with 4 samples each: 40 samples a second."""


def fed(*frames: AnyFrame) -> LiveSession:
    """A session that has taken these frames."""
    session = LiveSession(PLAN)
    for frame in frames:
        session.feed(frame)
    return session


def gauges(at_ns: int, device: str = "host", **readings: float) -> Gauges:
    """Readings of one instant."""
    return Gauges(at_ns=at_ns, device=device, source="psutil", readings=readings)


def view(*frames: AnyFrame, at_s: float = 4.0) -> View:
    """What is to be seen of them at an instant."""
    return fed(*frames).view(int(at_s * SECOND))


def test_rates_follow_from_the_counted_work() -> None:
    run = view(*TRAINING).current
    assert run is not None
    assert run.samples_per_s == pytest.approx(40)
    assert run.flops_per_s == pytest.approx(80)
    assert run.bytes_per_s == pytest.approx(400)
    assert run.mfu == pytest.approx(0.08)
    assert run.steps == 40
    assert run.loss == 0.5


def test_step_times_and_parts_are_those_of_the_steps() -> None:
    run = view(*TRAINING).current
    assert run is not None
    assert run.times is not None
    assert run.times.p50 == pytest.approx(100 * MS, rel=1 / 128)
    assert run.times.largest == 100 * MS
    assert run.parts is not None
    assert run.parts.data_wait == 10 * MS
    assert run.parts.forward is None, "what was not measured is None"
    assert run.parts.wall == 100 * MS


def test_the_rate_of_the_newest_seconds_reaches_over_an_evaluation_without_counting_it() -> None:
    evaluate = Phase(run=1, at_ns=4 * SECOND, phase="evaluate")
    run = view(
        *TRAINING, evaluate, measuring(at_ns=6 * SECOND), steps(6 * SECOND, 1, each_ns=300 * MS), at_s=6.5
    ).current
    assert run is not None
    assert run.samples_per_s == pytest.approx(164 / 4.3)


def test_only_the_newest_five_seconds_make_the_rate_until_the_run_ends() -> None:
    slow, fast = steps(0, 10, each_ns=SECOND), [steps(second * SECOND, 10) for second in range(10, 16)]
    frames: tuple[AnyFrame, ...] = (hello(), started(), measuring(), slow, *fast)
    run = view(*frames, at_s=16).current
    assert run is not None
    assert run.samples_per_s == pytest.approx(40)
    ended = view(*frames, Done(run=1, at_ns=16 * SECOND), at_s=16).current
    assert ended is not None
    assert ended.samples_per_s == pytest.approx((40 + 240) / 16)


def test_throughput_is_of_working_time_and_has_gaps_where_no_work_was_done() -> None:
    frames: list[AnyFrame] = [hello(), started()]
    for epoch in range(4):
        frames += [measuring(at_ns=epoch * SECOND), steps(epoch * SECOND, 6)]
        frames.append(Phase(run=1, at_ns=epoch * SECOND + 600 * MS, phase="evaluate"))
    seen = view(*frames, at_s=7.5)
    assert seen.throughput is not None
    assert seen.throughput.values[-6:] == pytest.approx((40, 40, 40, None, None, None))
    assert seen.throughput.values[-7] == pytest.approx(40), "evaluating for 0.4 s of each second is not being slower"
    assert seen.bytes_per_s is not None
    assert seen.bytes_per_s.values[-7] == pytest.approx(400)


def test_a_column_is_drawn_when_its_second_is_over_and_does_not_sag() -> None:
    live = fed(*TRAINING, steps(4 * SECOND, 5))
    for at_ms in (4100, 4500, 4999, 5100):
        series = live.view(at_ms * MS).throughput
        assert series is not None
        assert {value for value in series.values if value is not None} == {40.0}


def test_steps_longer_than_a_second_make_a_chart_without_holes() -> None:
    seen = view(hello(), started(), measuring(), steps(0, 3, each_ns=20 * SECOND), at_s=60.5)
    assert seen.throughput is not None
    assert seen.time_p50 is not None
    assert seen.loss is not None
    assert seen.throughput.values[-60:] == pytest.approx([0.2] * 60)
    assert seen.time_p50.values[-60:] == pytest.approx([20 * SECOND] * 60, rel=1 / 128)
    assert seen.loss.values[-60:] == (0.5,) * 60


def test_a_stall_is_no_throughput_once_it_is_known() -> None:
    seen = view(*TRAINING, Done(run=1, at_ns=8 * SECOND, outcome="failed"), at_s=8.5)
    assert seen.throughput is not None
    assert seen.throughput.values[-8:] == pytest.approx([40] * 4 + [0] * 4)


def test_throughput_stands_in_whole_buckets_of_absolute_time() -> None:
    series = view(*TRAINING, at_s=4.5).throughput
    assert series is not None
    assert series.last == 3
    assert series.values[-3:] == (40, 40, 40)
    assert series.values[0] is None


def test_charts_are_of_the_current_run_alone() -> None:
    seen = view(
        *TRAINING, Done(run=1, at_ns=4 * SECOND), hello("worker", 2, 4 * SECOND), started(2, 4 * SECOND), at_s=5
    )
    assert seen.current is not None
    assert seen.current.run == 2
    assert seen.throughput is not None
    assert set(seen.throughput.values) == {None}, "the units of two runs are not the same"


def test_warm_up_and_evaluation_count_for_nothing() -> None:
    warm = Phase(run=1, at_ns=0, phase="warmup")
    evaluate = Phase(run=1, at_ns=3 * SECOND, phase="evaluate")
    warming = view(started(), warm, steps(0, 10), at_s=1).current
    assert warming is not None
    assert warming.samples_per_s is None
    run = view(started(), warm, steps(0, 10), measuring(at_ns=SECOND), steps(SECOND, 20), evaluate, at_s=60).current
    assert run is not None
    assert run.steps == 20
    assert run.measured_s == 2.0
    assert run.samples_per_s == pytest.approx(40), "the newest measuring, however long ago"


def test_a_run_that_ended_shows_its_whole_rate() -> None:
    run = view(*TRAINING, Done(run=1, at_ns=8 * SECOND), at_s=100).current
    assert run is not None
    assert run.state == "done"
    assert run.samples_per_s == pytest.approx(20), "160 samples in 8 s of measuring"


def test_latency_of_requests_is_from_when_they_were_due() -> None:
    frames = [requests([second * SECOND + n * 10 * MS for n in range(100)], 30 * MS) for second in range(4)]
    run = view(hello(), started(2), measuring(2), *frames).current
    assert run is not None
    assert run.kind == "requests"
    assert run.samples_per_s == pytest.approx(100, rel=0.01)
    assert run.times is not None
    assert run.times.p99 == pytest.approx(30 * MS, rel=1 / 128)
    assert run.parts is None


def test_tokens_of_requests_that_failed_are_not_counted() -> None:
    frame = requests([6 * SECOND + part * 250 * MS for part in range(1, 5)], 2 * MS)
    failing = msgspec.structs.replace(
        frame, outcome=pack_integers([0, 1, 0, 0]), tokens=pack_integers([10, 7000, 10, 10])
    )
    seen = view(hello(), started(2), measuring(2, 6 * SECOND), failing).current
    assert seen is not None
    assert seen.tokens_per_s == pytest.approx(30)


def test_requests_that_failed_are_no_work_and_have_no_latency() -> None:
    frame = requests([SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND], 30 * MS)
    failing = msgspec.structs.replace(frame, outcome=pack_integers([0, 1, 0, 0]))
    seen = view(hello(), started(2), measuring(2), failing)
    assert seen.current is not None
    assert seen.current.samples_per_s == pytest.approx(0.75)
    assert seen.current.times is not None
    assert seen.current.times.count == 3
    assert "requests of infer/digits that failed: 1" in seen.notices


def test_requests_that_were_never_served_are_no_work_and_waited_until_the_end() -> None:
    served = requests([SECOND, 2 * SECOND, 3 * SECOND], 30 * MS)
    left = msgspec.structs.replace(requests([4 * SECOND] * 2, 900 * MS), outcome=pack_integers([2, 2]))
    warm = Phase(run=2, at_ns=0, phase="warmup")
    seen = view(hello(), started(2), warm, left, measuring(2), served, left).current
    assert seen is not None
    assert seen.steps == 3
    assert seen.times is not None
    assert (seen.times.count, seen.times.largest) == (5, 900 * MS)
    assert seen.times.p50 == pytest.approx(30 * MS, rel=0.01)


@pytest.mark.parametrize(
    "columns",
    [
        {"start_ns": b"x"},
        {"samples": pack_integers([1, 2])},
        {"start_ns": pack_floats([1.0])},
        {"loss": pack_floats([1.0] * 3)},
        {"tokens": b""},
    ],
)
def test_a_frame_whose_columns_are_not_sound_is_left_out_and_said(columns: dict[str, bytes]) -> None:
    bad = msgspec.structs.replace(steps(4 * SECOND, 1), **columns)
    seen = view(*TRAINING, bad)
    assert "frames left out because their columns are not sound: 1" in seen.notices
    assert seen.current is not None
    assert seen.current.loss == 0.5


def test_a_loss_that_is_no_number_is_said_and_never_drawn() -> None:
    diverged = msgspec.structs.replace(steps(4 * SECOND, 20), loss=pack_floats([float("nan")] * 20))
    seen = view(*TRAINING, diverged, at_s=6.5)
    assert seen.current is not None
    assert seen.current.loss is None
    assert any("diverged" in notice for notice in seen.notices)
    assert seen.loss is not None
    assert seen.loss.values[-6:] == (0.5, 0.5, 0.5, 0.5, 0.5, None)


def test_a_lost_conductor_takes_its_run_with_it() -> None:
    seen = fed(*TRAINING).view(60 * SECOND, lost=True)
    assert seen.state == "lost"
    assert [run.state for run in seen.runs] == ["interrupted", "planned"]
    assert not seen.notices, "nobody is silent who cannot speak"


def test_a_run_goes_from_planned_to_its_outcome() -> None:
    session = LiveSession(PLAN)

    def states() -> list[str]:
        return [run.state for run in session.view(0).runs]

    assert states() == ["planned", "planned"]
    session.feed(hello("worker", 1))
    assert states() == ["starting", "planned"]
    session.feed(started())
    assert states() == ["running", "planned"]
    session.feed(Failure(run=1, at_ns=1, kind="killed", message="killed by SIGKILL", remedy="run it again"))
    session.feed(Done(run=1, at_ns=1, outcome="failed"))
    session.feed(Done(run=2, at_ns=1, outcome="skipped"))
    assert states() == ["failed", "skipped"]
    failed = session.view(0).current
    assert failed is not None, "a run that was skipped never becomes the current one"
    assert (failed.message, failed.remedy) == ("killed by SIGKILL", "run it again")
    session.feed(Done(at_ns=2, outcome="failed"))
    assert session.view(0).state == "failed"


def test_accuracy_is_the_last_one() -> None:
    scores = [Score(run=1, at_ns=1, metric="top1_accuracy", value=v, samples=360, epoch=1) for v in (0.9, 0.97)]
    run = view(*TRAINING, *scores).current
    assert run is not None
    assert (run.accuracy, run.accuracy_samples) == (0.97, 360)


def test_devices_show_their_readings_and_why_others_are_absent() -> None:
    facts = DeviceFacts(device="gpu0", name="NVIDIA H200", absent={"nvlink": "not supported"})
    sampler = Hello(
        role="sampler", pid=2, host="here", monotonic_ns=0, wall_ns=0, fingerprint=Fingerprint(devices=(facts,))
    )
    reading = Gauges(at_ns=SECOND, device="gpu0", source="gpm", readings={"sm_active_percent": 93.0})
    gone = Gauges(at_ns=2 * SECOND, device="gpu0", source="nvml", absent={"power_w": "unknown error"})
    seen = view(hello(), sampler, reading, gone)
    (gpu,) = seen.gpus
    assert gpu.facts == facts
    assert gpu.readings["sm_active_percent"].value == 93.0
    assert gpu.absent == {"nvlink": "not supported", "power_w": "unknown error"}
    assert gpu.series["sm_active_percent"].values[-4:] == (93.0, None, None, None)
    assert view(hello(), sampler, reading, at_s=11).gpus[0].readings
    assert not view(hello(), sampler, reading, at_s=12).gpus[0].readings, "an old reading is not one of now"


def test_a_reading_that_fails_goes_absent_at_once_and_comes_back() -> None:
    lost = Gauges(at_ns=SECOND, device="host", source="psutil", absent={"cpu_percent": "permission denied"})
    other = Gauges(at_ns=SECOND, device="host", source="proc", absent={"cpu_percent": "no such file"})
    host = view(hello(), gauges(0, cpu_percent=5.0), lost).host_device
    assert (host.readings, host.absent) == ({}, {"cpu_percent": "permission denied"})
    host = view(hello(), gauges(0, cpu_percent=5.0), lost, gauges(2 * SECOND, cpu_percent=6.0)).host_device
    assert (host.readings["cpu_percent"].value, host.absent) == (6.0, {})
    host = view(hello(), gauges(0, cpu_percent=5.0), other).host_device
    assert host.readings, "what one source lacks another still gives"


def test_a_reading_that_is_no_number_is_none() -> None:
    host = view(hello(), gauges(0, cpu_percent=float("nan"), memory_used_bytes=1.0)).host_device
    assert set(host.readings) == set(host.series) == {"memory_used_bytes"}


def test_every_accelerator_has_its_own_readings() -> None:
    facts = tuple(DeviceFacts(device=f"gpu{number}", name="NVIDIA H200") for number in range(2))
    sampler = msgspec.structs.replace(hello("sampler"), fingerprint=Fingerprint(devices=facts))
    seen = view(hello(), sampler, gauges(0, "gpu1", power_w=512.0), gauges(0, "worker", threads=3.0))
    assert [gpu.device for gpu in seen.gpus] == ["gpu0", "gpu1"]
    assert seen.gpus[0].readings == {}
    assert seen.gpus[1].readings["power_w"].value == 512.0
    assert seen.worker_device.readings["threads"].value == 3.0


def test_silence_of_the_sampler_and_of_the_worker_is_said() -> None:
    reading = Gauges(at_ns=SECOND, device="host", source="psutil", readings={"cpu_percent": 1.0})
    notices = view(*TRAINING, reading, at_s=30).notices
    assert notices[0].startswith("no frame from train/digits for 26 s")
    assert notices[0].endswith("— k ends it")
    assert notices[1] == "no reading for 29 s"
    assert not view(*TRAINING, reading).notices
    assert "no reading for 30 s" in view(*TRAINING, at_s=30).notices, "not even a first one"


def test_dropped_samples_and_findings_are_said() -> None:
    finding = Finding(at_ns=0, kind="telemetry-gap", message="the sampler died", remedy="look at doctor")
    notices = view(*TRAINING, finding, Done(run=1, at_ns=5, dropped=1234)).notices
    assert any("1,234 samples" in notice for notice in notices)
    assert "the sampler died; look at doctor" in notices


def test_no_escape_sequence_of_a_stranger_reaches_the_screen() -> None:
    evil = "a\x1b[31mred\x1b]0;title\x07 \x9b2J\rb\tc"
    (line,) = view(hello(), Log(at_ns=0, text=evil, origin="\x1b[1mx")).log
    assert all(character.isprintable() for character in line.text + line.origin)
    assert line.text.startswith("ared")


def test_every_text_of_a_stranger_is_plain_wherever_it_is_shown() -> None:
    evil = "\x1b[31ma\u202eb\x1b]52;c;ZXZpbA==\x07\nc"
    facts = DeviceFacts(device="gpu0", name=evil, absent={"nvlink": evil})
    frames = (
        msgspec.structs.replace(hello(), host=evil),
        msgspec.structs.replace(hello("sampler"), fingerprint=Fingerprint(devices=(facts,))),
        msgspec.structs.replace(started(), device_name=evil, parameters={"weights": evil}),
        Phase(run=1, at_ns=0, phase="measure", mark=evil),
        Gauges(at_ns=0, device="host", source="proc", absent={"cpu_percent": evil}),
        Finding(at_ns=0, kind="x", message=evil, remedy=evil),
        Failure(run=1, at_ns=0, kind="crashed", message=evil, remedy=evil, detail=evil),
        Log(at_ns=0, text="x" * 1_000_000),
    )
    shown = msgspec.json.encode(view(*frames)).decode()
    assert not [character for character in shown if not character.isprintable()]
    assert "\\u00" not in shown
    assert "ZXZp" not in shown
    assert "ab c" in shown
    assert len(shown) < 100_000


def test_wall_time_is_the_clock_plus_the_offset_of_the_hello() -> None:
    assert view(hello()).wall_offset_ns == 1000 * SECOND


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(min_value=1, max_value=400), st.booleans()), max_size=12))
def test_a_stream_cut_anywhere_and_looked_at_in_between_shows_the_same(cuts: list[tuple[int, bool]]) -> None:
    evaluate = Phase(run=1, at_ns=4500 * MS, phase="evaluate")
    frames = (*TRAINING, gauges(SECOND, cpu_percent=3.0), evaluate, Done(run=1, at_ns=5 * SECOND), hello("worker", 2))
    stream = b"".join(frame_bytes(frame) for frame in frames)
    session, reader, begin = LiveSession(PLAN), FrameReader(), 0
    for length, look in (*cuts, (len(stream), False)):
        for frame in reader.feed(stream[begin : begin + length]):
            session.feed(frame)
        begin += length
        if look:
            session.view(session.newest_ns + SECOND)
    assert session.view(7 * SECOND) == view(*frames, at_s=7)


@settings(max_examples=200, deadline=None)
@given(st.lists(wire.frames, max_size=20), st.integers(0, 2**63 - 1))
def test_no_sequence_of_frames_whatever_breaks_the_view(frames: list[AnyFrame], now_ns: int) -> None:
    assert isinstance(fed(*frames).view(now_ns), View)


def test_numbers_are_those_of_the_present_case_and_in_the_end_those_of_the_best() -> None:
    *first, dear, last = casewise()
    run = view(hello(), *first, at_s=2.9).current
    assert run is not None
    assert (run.case, run.cases) == ("cheap", 1), "until the next one is measured its numbers stay"
    assert (run.samples_per_s, run.flops_per_s, run.bytes_per_s) == pytest.approx((40, 80, 4000))
    run = view(hello(), *first, dear, last, at_s=4.0).current
    assert run is not None
    assert (run.case, run.cases, run.steps) == ("dear", 2, 15)
    assert (run.samples_per_s, run.flops_per_s, run.bytes_per_s) == pytest.approx((20, 200, 20))
    assert run.mfu == pytest.approx(0.2)
    assert run.times is not None
    assert run.times.count == 5
    assert run.started is not None
    assert (run.started.flops_per_unit, run.started.bytes_per_unit) == (10.0, 1.0), "what it is held against knows too"
    series = view(hello(), *casewise(), Done(run=1, at_ns=4 * SECOND), at_s=6.0)
    assert series.flops_per_s is not None
    assert series.bytes_per_s is not None
    at = series.flops_per_s.last
    assert series.flops_per_s.values[1 - at - 1] == pytest.approx(80)
    assert series.bytes_per_s.values[1 - at - 1] == pytest.approx(4000)
    assert series.flops_per_s.values[3 - at - 1] == pytest.approx(200)


def test_a_run_that_has_ended_shows_its_best_case() -> None:
    run = view(hello(), *casewise(dear_flops=1.0), Done(run=1, at_ns=4 * SECOND), at_s=7.0).current
    assert run is not None
    assert (run.case, run.cases, run.parts) == ("cheap", 2, None)
    assert (run.samples_per_s, run.flops_per_s, run.bytes_per_s) == pytest.approx((40, 80, 4000))
    assert run.times is not None
    assert run.times.count == 10


def test_a_skipped_run_says_why_and_leaves_the_screen_to_the_one_before() -> None:
    skipped = (hello("worker", 2), Log(run=2, at_ns=5 * SECOND, text="skipped: no CUDA"))
    done = Done(run=2, at_ns=6 * SECOND, outcome="skipped", reason="no CUDA")
    seen = view(*TRAINING, *skipped, done, at_s=6.0)
    assert (seen.runs[1].state, seen.runs[1].message) == ("skipped", "no CUDA")
    assert seen.current is not None
    assert seen.current.run == 1


def test_an_hour_of_steps_takes_no_more_room_than_ten_minutes() -> None:
    session = fed(hello(), started(), measuring())

    run = session._runs[1]

    def room(until_s: int, from_s: int) -> tuple[int, ...]:
        for second in range(from_s, until_s):
            session.feed(steps(second * SECOND, 10))
            session.feed(Log(run=1, at_ns=second * SECOND, text="a line"))
            session.feed(Finding(at_ns=second * SECOND, kind="telemetry-gap", message=f"gap {second}"))
            session.feed(gauges(second * SECOND, cpu_percent=float(second)))
        session.view(until_s * SECOND)
        courses = session._devices._host._courses
        sizes = [len(course.course) for course in courses.values()]
        histogram = run._first.samples._tally.times._counts
        return (run.timeline.size, len(run._first.samples._recent), len(histogram), len(session._log), *sizes)

    assert room(600, 0) == room(3600, 600)
    assert max(room(3601, 3600)) <= len(COURSES) * KEPT + 5


def test_what_a_stranger_names_takes_no_room() -> None:
    session = fed(hello(), started(), measuring())
    for number in range(1000):
        session.feed(Gauges(at_ns=number, device=f"gpu{number}", source="nvml", readings={f"g{number}": 1.0}))
        session.feed(steps(0, 1))
    seen = session.view(SECOND)
    assert len(seen.gpus) <= 64
    assert not any(gpu.series for gpu in seen.gpus)
    assert len(session._runs[1]._first.samples._recent) <= 2, "a clock that stands still gathers nothing"


def test_a_try_of_a_search_has_its_rate_and_what_the_judge_says_of_it() -> None:
    begun = msgspec.structs.replace(started(2), parameters={"load": "poisson", "rate": 300.0})
    said = Finding(run=2, at_ns=SECOND, kind="search-misses", message="300 requests/s does not: saturated")
    before, after = view(hello(), begun), view(hello(), begun, said)
    assert before.current is not None
    assert (before.current.rate, before.current.met) == (300.0, None)
    assert after.current is not None
    ended = fed(hello(), begun, Done(run=2, at_ns=SECOND))
    assert ended.view(2 * SECOND).runs[1].met is None
    ended.feed(said)
    assert ended.view(2 * SECOND).runs[1].met is False, "it is judged after it was seen to have ended"
    assert (after.current.met, after.current.verdict) == (False, "300 requests/s does not: saturated")
    assert not any("300" in notice for notice in after.notices)
    assert after.log[-1].text == said.message
    found = Finding(at_ns=SECOND, kind="search-result", message="highest rate: 250 requests/s")
    assert view(hello(), found).found == found.message


def test_a_run_that_serves_is_of_requests_before_its_first_one() -> None:
    assert [run.kind for run in LiveSession(PLAN).view(0).runs] == [None, "requests"]


def test_results_are_those_of_the_newest_setting_once_a_knob_is_turned() -> None:
    again = msgspec.structs.replace(started(), parameters={"batch": 8})
    session = fed(*TRAINING, again, Phase(run=1, at_ns=4 * SECOND, phase="measure", mark="batch = 8"))
    before = session.view(4 * SECOND).current
    assert before is not None
    assert (before.steps, before.measured_s, before.times) == (0, 0.0, None)
    session.feed(steps(4 * SECOND, 10, each_ns=200 * MS, samples=8))
    session.feed(Done(run=1, at_ns=6 * SECOND))
    run = session.view(6 * SECOND).runs[0]
    assert run.started is not None
    assert run.started.parameters == {"batch": 8}
    assert (run.steps, run.measured_s) == (10, 2.0)
    assert run.samples_per_s == pytest.approx(40)
    assert run.times is not None
    assert run.times.largest == 200 * MS


@pytest.mark.parametrize("column", ["start_ns", "samples", "data_wait_ns", "loss"])
def test_a_frame_whose_columns_are_not_of_one_length_is_counted_and_left_out(column: str) -> None:
    session = LiveSession(PLAN)
    for frame in (
        hello(),
        started(),
        measuring(),
        msgspec.structs.replace(steps(0, 20), **{column: pack_integers([1])}),
    ):
        session.feed(frame)
    assert any("not sound" in notice for notice in session.view(SECOND).notices)
