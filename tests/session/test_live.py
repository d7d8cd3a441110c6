"""What the screen shows of frames whose numbers are known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.session.buckets import KEPT
from app.session.live import LiveSession
from app.session.view import View
from tests.session.frames import MS, PLAN, SECOND, hello, measuring, requests, started, steps
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
    run = view(started(), warm, steps(0, 10), measuring(at_ns=SECOND), steps(SECOND, 20), evaluate, at_s=60).current
    assert run is not None
    assert run.steps == 20
    assert run.measured_s == 2.0
    assert run.samples_per_s == pytest.approx(40), "the rate of the whole measuring, once the window is empty"


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
    assert not view(hello(), sampler, reading, at_s=20).gpus[0].readings, "an old reading is not one of now"


def test_silence_of_the_sampler_and_of_the_worker_is_said() -> None:
    reading = Gauges(at_ns=SECOND, device="host", source="psutil", readings={"cpu_percent": 1.0})
    notices = view(*TRAINING, reading, at_s=30).notices
    assert notices[0].startswith("no frame from train/digits for 26 s")
    assert "k ends it" in notices[0]
    assert "no reading for 29 s" in notices
    assert not view(*TRAINING, reading).notices


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


def test_wall_time_is_the_clock_plus_the_offset_of_the_hello() -> None:
    assert view(hello()).wall_offset_ns == 1000 * SECOND


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=400), max_size=12))
def test_a_stream_cut_anywhere_shows_the_same(cuts: list[int]) -> None:
    frames = (*TRAINING, Done(run=1, at_ns=5 * SECOND), Log(at_ns=6 * SECOND, text="over"))
    stream = b"".join(frame_bytes(frame) for frame in frames)
    session, reader, begin = LiveSession(PLAN), FrameReader(), 0
    for length in (*cuts, len(stream)):
        for frame in reader.feed(stream[begin : begin + length]):
            session.feed(frame)
        begin += length
    assert session.view(7 * SECOND) == view(*frames, at_s=7)


def test_an_hour_of_steps_takes_no_more_room_than_ten_minutes() -> None:
    session = fed(hello(), started(), measuring())

    def room(until_s: int, from_s: int) -> int:
        for second in range(from_s, until_s):
            session.feed(steps(second * SECOND, 10))
            session.feed(Log(run=1, at_ns=second * SECOND, text="a line"))
        seen = session.view(until_s * SECOND)
        return len(seen.log) + sum(len(series.values) for series in (seen.throughput, seen.loss) if series)

    assert room(600, 0) == room(3600, 600)
    assert len(session._runs[1].ring) == KEPT
    assert len(session._runs[1]._samples._recent) <= 6
