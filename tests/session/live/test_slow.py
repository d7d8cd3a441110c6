"""The slowest steps and requests: never more than ten, only of what is measured, with what happened meanwhile."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.session.live.slow import MOST, MOST_EVENTS, SlowSamples
from app.session.live.view import SlowSample
from tests.session.frames import MS, SECOND, hello, measuring, requests, started, steps
from tests.session.live.test_live import view
from workloads.wire.columns import pack_integers
from workloads.wire.frames import ANSWERED, FAILED, AnyFrame, Event, Phase, Steps


def of(walls: list[int], start_ns: int = 0) -> Steps:
    """Steps that took so long."""
    column = pack_integers(walls)
    return Steps(start_ns=pack_integers(range(start_ns, start_ns + len(walls))), wall_ns=column, samples=column)


def slow(*frames: AnyFrame) -> tuple[SlowSample, ...]:
    """Of the present run."""
    run = view(hello(), *frames, at_s=60).current
    assert run is not None
    return run.slow


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=50), max_size=8))
def test_they_are_the_slowest_in_whatever_frames_they_come(frames: list[list[int]]) -> None:
    kept = SlowSamples()
    for walls in frames:
        kept.add(of(walls))
    every = sorted((wall for walls in frames for wall in walls), reverse=True)
    assert [sample.wall_ns for sample in kept.view()] == every[:MOST]


def test_only_what_is_measured_counts() -> None:
    warm = Phase(run=1, at_ns=0, phase="warmup")
    tried = Phase(run=1, at_ns=3 * SECOND, phase="experiment", case="tf32")
    frames: list[AnyFrame] = [
        started(),
        warm,
        steps(0, 2, each_ns=900 * MS),
        measuring(at_ns=2 * SECOND),
        steps(2 * SECOND, 3),
    ]
    found = slow(*frames, tried, steps(3 * SECOND, 2, each_ns=800 * MS))
    assert [sample.wall_ns for sample in found] == [100 * MS] * 3
    assert found[0].parts == (("data_wait", 10 * MS),)


def test_what_happened_meanwhile_stands_with_it_also_when_it_is_told_later() -> None:
    during = Event(run=1, at_ns=SECOND + 50 * MS, kind="garbage-collection", wall_ns=20 * MS)
    before = Event(run=1, at_ns=SECOND - 50 * MS, kind="checkpoint", wall_ns=10 * MS)
    found = slow(started(), measuring(), steps(SECOND, 1), before, during)
    assert found[0].events == (during,)


def test_what_happened_meanwhile_stays_with_it_however_much_happens_later() -> None:
    kept = SlowSamples()
    during = Event(at_ns=SECOND, kind="garbage-collection", wall_ns=20 * MS)
    kept.take_event(during)
    kept.add(of([900 * MS], start_ns=SECOND))
    for place in range(2 * MOST_EVENTS):
        kept.take_event(Event(at_ns=(10 + place) * SECOND, kind="garbage-collection", wall_ns=20 * MS))
    assert [sample.events for sample in kept.view()] == [(during,)]


def test_a_request_is_told_from_when_it_was_due() -> None:
    found = slow(measuring(run=2), requests([SECOND, 2 * SECOND], 30 * MS))
    assert [(sample.start_ns, sample.wall_ns) for sample in found] == [
        (SECOND - 30 * MS, 30 * MS),
        (2 * SECOND - 30 * MS, 30 * MS),
    ]
    assert found[0].parts == (("late", 0),)


def test_requests_without_an_answer_keep_no_answered_one_out() -> None:
    frame = requests([3 * SECOND + at for at in range(2 * MOST + 2)], 900 * MS)
    frame = replace(frame, outcome=pack_integers([*[FAILED] * (2 * MOST), ANSWERED, ANSWERED]))
    sooner = [3 * SECOND - 900 * MS] * (2 * MOST) + [3 * SECOND] * 2
    frame = replace(frame, scheduled_ns=pack_integers(sooner), sent_ns=pack_integers(sooner))
    assert [sample.start_ns for sample in slow(measuring(run=2), frame)] == [3 * SECOND] * 2
