"""What a screen says of an objective while requests come."""

from __future__ import annotations

from msgspec.structs import replace

from app.session.live.session import LiveSession
from app.session.live.view import Good
from tests.session.frames import MS, PLAN, SECOND, hello, measuring, requests, started
from workloads.wire.columns import pack_integers
from workloads.wire.frames import AnyFrame, Requests


def good(slo: str, *frames: AnyFrame) -> Good | None:
    """Of the inference run, after these frames."""
    session = LiveSession(replace(PLAN, slo=slo))
    for frame in (hello(), started(2), *frames):
        session.feed(frame)
    current = session.view(3 * SECOND).current
    assert current is not None
    return current.good


def answered(latency_ms: int, count: int = 1, **columns: bytes) -> Requests:
    """Requests that were answered a second after the start."""
    return replace(requests([SECOND] * count, latency_ms * MS), **columns)


def test_the_share_of_good_requests_is_of_all_that_were_sent_while_measuring() -> None:
    early, failed = answered(500), replace(answered(1), outcome=pack_integers([1]))
    found = good("p99<50ms", early, measuring(2), answered(10, 6), answered(60, 3), failed)
    assert found == Good(good=6, sent=10)
    assert found.share == 0.6


def test_a_request_must_meet_every_clause() -> None:
    first = pack_integers([SECOND - 60 * MS, SECOND - 90 * MS, SECOND - 99 * MS])
    told = answered(100, 3, first_ns=first, tokens=pack_integers([11, 11, 1]))
    assert good("ttft p95<20ms, tpot p95<9500us", measuring(2), told) == Good(good=2, sent=3)


def test_the_longest_gap_of_a_request_counts() -> None:
    gaps = pack_integers([MS, MS, MS, 9 * MS])
    told = answered(100, 3, tokens=pack_integers([3, 3, 1]), itl_ns=gaps)
    assert good("itl p95<5ms", measuring(2), told) == Good(good=2, sent=3)


def test_the_queue_ends_when_a_request_is_taken_and_never_for_one_that_is_not() -> None:
    taken = answered(100, 2, started_ns=pack_integers([SECOND - 95 * MS, SECOND - 10 * MS]))
    never = replace(answered(1), outcome=pack_integers([2]))
    assert good("queue p95<20ms", measuring(2), taken, never) == Good(good=1, sent=3)


def test_nothing_is_said_without_an_objective_or_where_requests_lack_what_it_asks_for() -> None:
    assert good("", measuring(2), answered(10)) is None
    assert good("p99<50ms", measuring(2)) is None
    assert good("tpot p95<9ms", measuring(2), answered(10)) is None
    assert good("nonsense of a stranger", measuring(2), answered(10)) is None
