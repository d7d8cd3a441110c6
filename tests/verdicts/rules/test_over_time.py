"""periodic-stall, drift, memory-growth and warming-up: how a run goes on."""

from __future__ import annotations

import pytest

from app.verdicts.rules.over_time.drift import drift
from app.verdicts.rules.over_time.growth import memory_growth
from app.verdicts.rules.over_time.stalls import periodic_stall
from app.verdicts.rules.over_time.warming import warming_up
from app.verdicts.rules.trend import together, trend
from tests.verdicts.courses import course, events_at, row, stalls
from tests.verdicts.windows import MS, SECOND, changed, gauges, happened, window
from workloads.wire.frames import Event, Missing, Verdict


def test_stalls_at_a_period_are_told_with_period_length_and_share() -> None:
    verdict = periodic_stall(window(course=course(stalls=stalls(4.0, 1050.0))))
    assert isinstance(verdict, Verdict)
    assert verdict.summary == "periodic-stall: every 4.0 s a stall of 1.0 s (25 % of the time)"
    assert verdict.bound == pytest.approx(4 / 3)


@pytest.mark.parametrize(
    ("kind", "word"), [("checkpoint", "async_save"), ("evaluation", "evaluate less often"), ("mark", "persistent")]
)
def test_what_happens_then_is_told(kind: str, word: str) -> None:
    slow = stalls(4.0, 1050.0, jitter=0.3)
    verdict = periodic_stall(window(course=course(stalls=slow, events=events_at(slow, kind, "epoch"))))  # type: ignore[arg-type]
    assert isinstance(verdict, Verdict)
    assert word in verdict.next


def test_what_happens_at_other_times_does_not_explain_them() -> None:
    slow = stalls(4.0, 1050.0)
    other = tuple(Event(run=1, at_ns=stall.start_ns + 2 * SECOND, kind="checkpoint", wall_ns=MS) for stall in slow)
    verdict = periodic_stall(window(course=course(stalls=slow, events=other)))
    assert isinstance(verdict, Verdict)
    assert "checkpoint" not in verdict.summary


def test_two_stalls_short_ones_or_ones_at_random_are_nothing_to_tell() -> None:
    assert periodic_stall(window(course=course(stalls=stalls(4.0, 1050.0, count=2)))) is None
    assert periodic_stall(window(course=course(stalls=stalls(4.0, 180.0)))) is None
    irregular = tuple(stall for place, stall in enumerate(stalls(2.0, 1050.0, count=16)) if place in {0, 1, 2, 9, 15})
    assert periodic_stall(window(course=course(stalls=irregular))) is None


def test_two_checkpoints_that_are_known_to_take_long_are_enough() -> None:
    slow = stalls(4.0, 1050.0, count=2)
    verdict = periodic_stall(window(course=course(stalls=slow, events=events_at(slow, "checkpoint"))))
    assert isinstance(verdict, Verdict)
    assert verdict.confidence == "medium"


def test_stalls_that_have_ended_are_nothing_to_tell() -> None:
    over = course(stalls=stalls(2.0, 1050.0))
    assert periodic_stall(changed(window(course=over), to_ns=140 * SECOND)) is None


def test_checkpoints_between_the_steps_of_a_script_are_told_too() -> None:
    events = events_at(stalls(4.0, 800.0), "checkpoint")
    assert isinstance(periodic_stall(window(course=course(events=events))), Verdict)
    assert periodic_stall(window(course=course(events=events), hooked=False)) is None


def test_collections_that_have_their_own_verdict_are_left_to_it() -> None:
    slow = stalls(4.0, 1050.0)
    collecting = course(stalls=slow, events=events_at(slow, "garbage-collection"))
    assert isinstance(periodic_stall(window(course=collecting)), Verdict)
    assert periodic_stall(window(course=collecting, happened=happened("garbage-collection", 3, 1000.0))) is None


def test_steps_that_take_longer_and_longer_are_a_drift() -> None:
    verdict = drift(window(course=course(step_ns=row(lambda at: (50 + 20 * at) * MS))))
    assert isinstance(verdict, Verdict)
    assert verdict.bound == pytest.approx(1.4, rel=0.03)
    assert verdict.severity == "warning"


def test_a_drift_is_told_with_what_it_goes_with() -> None:
    slower = row(lambda at: (50 + 20 * at) * MS)
    hot = course(
        step_ns=slower,
        sm_clock_mhz=row(lambda at: 1980 - 500 * at, noise=0.001),
        temperature_c=row(lambda at: 60 + 25 * at, noise=0.001),
    )
    verdict = drift(window(course=hot))
    assert isinstance(verdict, Verdict)
    assert "as the clock falls from 1,9" in verdict.summary
    hoarding = course(step_ns=slower, rss_bytes=row(lambda at: 8e8 * (1 + at), noise=0.001))
    verdict = drift(window(course=hoarding))
    assert isinstance(verdict, Verdict)
    assert "resident memory grows" in verdict.summary


def test_noise_a_jump_and_a_little_are_no_drift() -> None:
    assert drift(window(course=course(step_ns=row(lambda _: 50 * MS, noise=0.2)))) is None
    assert drift(window(course=course(step_ns=row(lambda at: (50 if at < 0.5 else 75) * MS)))) is None
    assert drift(window(course=course(step_ns=row(lambda at: (50 + 2 * at) * MS)))) is None
    assert drift(window(course=course(step_ns=row(lambda at: (70 - 20 * at) * MS)))) is None


def test_a_short_course_is_missing() -> None:
    short = course(step_ns=row(lambda _: 50 * MS, stretches=6), rss_bytes=row(lambda _: 8e8, stretches=6))
    assert isinstance(drift(window(course=short)), Missing)
    assert isinstance(memory_growth(window(course=short)), Missing)


def test_memory_that_grows_throughout_is_told_with_when_it_is_full() -> None:
    leak = course(rss_bytes=row(lambda at: 8e8 + 4e8 * at, noise=0.0005))
    verdict = memory_growth(window(course=leak, host=gauges("host", memory_available_bytes=16e9)))
    assert isinstance(verdict, Verdict)
    assert verdict.evidence[1].value == pytest.approx(1e7, rel=0.01)
    assert "full in 27 minutes" in verdict.summary
    assert verdict.severity == "critical"
    assert "loss.item()" in verdict.next


def test_device_memory_is_looked_at_too() -> None:
    leak = course(device_memory_bytes=row(lambda at: 2e9 + 1e9 * at, noise=0.0005))
    verdict = memory_growth(window(course=leak))
    assert isinstance(verdict, Verdict)
    assert "device memory" in verdict.summary


def test_memory_that_settles_jumps_or_hardly_grows_is_as_it_should_be() -> None:
    for shape in (
        lambda at: 8e8 + 4e8 * min(1.0, 4 * at),
        lambda at: 8e8 if at < 0.6 else 12e8,
        lambda at: 8e8 + 2e7 * at,
    ):
        assert memory_growth(window(course=course(rss_bytes=row(shape, noise=0.0005)))) is None


def test_steps_that_still_become_shorter_are_a_warm_up() -> None:
    verdict = warming_up(window(course=course(step_ns=row(lambda at: (90 - 60 * at) * MS, stretches=15))))
    assert isinstance(verdict, Verdict)
    assert verdict.severity == "warning"


def test_a_warm_up_that_flattens_out_goes_on_while_its_last_steps_fall() -> None:
    flattening = row(lambda at: (40 + 200 * 2 ** (-8 * at)) * MS, stretches=40)
    assert isinstance(warming_up(window(course=course(step_ns=flattening[:25]))), Verdict)
    assert warming_up(window(course=course(step_ns=row(lambda at: (40 + 200 * 2 ** (-30 * at)) * MS)))) is None


def test_a_slow_fall_is_known_from_a_longer_time_than_its_spread_hides_it_in() -> None:
    slow = row(lambda at: (75 - 30 * at) * MS, noise=0.1, stretches=50)
    verdict = warming_up(window(course=course(step_ns=slow)))
    assert isinstance(verdict, Verdict)
    assert "in the last 15 s" in verdict.summary or "in the last 25 s" in verdict.summary
    ended = row(lambda at: max(50, 75 - 60 * at) * MS, noise=0.1, stretches=60)
    jumped = row(lambda at: (75 if at < 0.4 else 50) * MS, noise=0.1, stretches=50)
    for other in (ended, jumped, row(lambda _: 50 * MS, noise=0.2)):
        assert warming_up(window(course=course(step_ns=other))) is None


def test_the_phase_warm_up_and_compilation_are_said_without_a_warning() -> None:
    for warming in (window(phase="warmup"), window(happened=happened("compile", 1, 8000.0))):
        verdict = warming_up(warming)
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "info"


def test_even_steps_are_warm() -> None:
    assert warming_up(window(course=course())) is None
    assert warming_up(window()) is None


def test_the_trend_of_a_row_is_that_of_its_middle_whatever_its_outliers() -> None:
    line = [float(at) for at in range(40)]
    line[7], line[30] = 1e9, -1e9
    found = trend(line)
    assert found is not None
    assert found.last - found.first == pytest.approx(39, rel=0.05)
    assert found.z > 3
    assert trend([1.0, None, 2.0]) is None
    long = trend([float(at) for at in range(256)])
    assert long is not None
    assert long.last == pytest.approx(255, rel=0.02)


def test_two_rows_go_together_or_against_each_other() -> None:
    rising = [float(at) for at in range(30)]
    assert together(rising, [2 * at for at in rising]) == 1
    assert together(rising, [-at for at in rising]) == -1
    assert together(rising, [None] * 30) == 0
