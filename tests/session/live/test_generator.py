"""The load generator's lag, live: of schedules alone, in measure phases, with what was never served."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from app.session.live.session import LiveSession
from app.session.live.view import LoadView, View
from tests.session.frames import MS, PLAN, SECOND, hello, measuring, requests, started
from workloads.wire.columns import pack_integers
from workloads.wire.frames import AnyFrame, Gauges, Requests


def sent_late(lags_ms: Sequence[float], outcome: int = 0) -> Requests:
    """Requests that were due at 1 s, and ended at 2 s."""
    asked = requests([2 * SECOND] * len(lags_ms), SECOND)
    sent = pack_integers([SECOND + round(lag * MS) for lag in lags_ms])
    return replace(asked, sent_ns=sent, outcome=pack_integers([outcome] * len(lags_ms)))


def seen(*frames: AnyFrame, load: str = "poisson") -> View:
    session = LiveSession(PLAN)
    for frame in (hello(), replace(started(2), parameters={"load": load}), *frames):
        session.feed(frame)
    return session.view(3 * SECOND)


@pytest.mark.parametrize(("lag_ms", "late"), [(0.4, False), (3.2, True)])
def test_a_generator_is_late_by_the_p99_of_what_was_sent_after_it_was_due(lag_ms: float, late: bool) -> None:
    view = seen(sent_late([50.0]), measuring(2), sent_late([0.0] * 90 + [lag_ms] * 10))
    assert view.current is not None
    assert view.current.load is not None
    assert view.current.load.lag_p99 == pytest.approx(lag_ms * MS, rel=0.01)
    assert view.current.load.late == late


def test_a_p99_of_a_few_requests_is_not_told() -> None:
    view = seen(measuring(2), sent_late([5.0] * 99))
    assert view.current is not None
    assert view.current.load == LoadView()


def test_a_closed_loop_has_no_generator_that_could_be_late() -> None:
    view = seen(measuring(2), sent_late([5.0]), load="closed")
    assert view.current is not None
    assert view.current.load is None


def test_what_was_never_served_is_said_and_has_not_failed() -> None:
    view = seen(measuring(2), sent_late([0.0] * 3), sent_late([0.0] * 2, outcome=2), sent_late([0.0], outcome=1))
    assert view.current is not None
    assert view.current.load is not None
    assert (view.current.load.unserved, view.current.steps) == (2, 3)
    assert view.notices[:2] == (
        "requests of infer/digits that failed: 1",
        "requests of infer/digits that were due and never served: 2",
    )


def test_a_server_that_waits_for_its_next_request_is_not_silent() -> None:
    def waiting(at_s: int) -> Gauges:
        counted = {"queue_requests": 0.0}
        return Gauges(run=2, at_ns=at_s * SECOND, device="worker", source="counted", readings=counted)

    session = LiveSession(PLAN)
    for frame in (hello(), started(2), measuring(2), waiting(25)):
        session.feed(frame)
    assert not [line for line in session.view(30 * SECOND).notices if line.startswith("no frame")]
    assert [
        line for line in session.view(40 * SECOND).notices if line.startswith("no frame from infer/digits for 15 s")
    ]


def test_what_a_workload_counts_itself_is_no_sign_of_a_sampler() -> None:
    waiting = Gauges(run=2, at_ns=100 * SECOND, device="worker", source="counted", readings={"queue_requests": 7.0})
    session = LiveSession(PLAN)
    for frame in (hello(), waiting):
        session.feed(frame)
    view = session.view(100 * SECOND)
    assert view.worker_device.readings["queue_requests"].value == 7
    assert "no reading for 100 s" in view.notices
