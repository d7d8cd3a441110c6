"""What a screen says of generation: TTFT, TPOT, gaps and bandwidth, of answered requests in measure phases."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.session.live.session import LiveSession
from app.session.live.view import Told
from tests.session.frames import MS, PLAN, SECOND, hello, measuring, started
from workloads.wire.columns import pack_integers
from workloads.wire.frames import AnyFrame, Phase, Requests, Score


def told(*rows: tuple[int, int, tuple[int, ...]], failed: bool = False) -> Requests:
    """Requests that were due at 1 s: when the first token was there, and the gaps after it, in milliseconds."""
    firsts = [SECOND + first * MS for first, _, _ in rows]
    dones = [first + sum(gaps) * MS for first, (_, _, gaps) in zip(firsts, rows, strict=True)]
    due = pack_integers([SECOND] * len(rows))
    return Requests(
        run=2,
        scheduled_ns=due,
        sent_ns=due,
        first_ns=pack_integers(firsts),
        done_ns=pack_integers(dones),
        samples=pack_integers([1] * len(rows)),
        outcome=pack_integers([int(failed)] * len(rows)),
        tokens=pack_integers([tokens for _, tokens, _ in rows]),
        itl_ns=pack_integers([gap * MS for _, _, gaps in rows for gap in gaps]),
    )


def seen(*frames: AnyFrame, step_bytes: float | None = None) -> Told | None:
    session = LiveSession(PLAN)
    for frame in (hello(), replace(started(2), bytes_per_decode_step=step_bytes), *frames):
        session.feed(frame)
    current = session.view(3 * SECOND).current
    assert current is not None
    return current.told


def test_times_of_tokens_and_the_bandwidth_of_decode() -> None:
    view = seen(measuring(2), told((20, 3, (4, 6)), (20, 1, ())), step_bytes=5e6)
    assert view is not None
    assert view.ttft.p50 == pytest.approx(20 * MS, rel=0.01)
    assert view.ttft.count == 2
    assert view.tpot is not None
    assert view.tpot.count == 1
    assert view.tpot.p50 == pytest.approx(5 * MS, rel=0.01)
    assert view.itl is not None
    assert (view.itl.count, view.itl.largest) == (2, 6 * MS)
    assert view.decode_bytes_per_s == pytest.approx(1e9)


def test_warm_up_failures_and_requests_without_tokens_say_nothing() -> None:
    warm = Phase(run=2, at_ns=SECOND, phase="warmup")
    assert seen(warm, told((20, 2, (4,)))) is None
    assert seen(measuring(2), told((20, 0, ()), failed=True)) is None
    assert seen(measuring(2), replace(told((20, 1, ())), tokens=None, itl_ns=None)) is None


def test_a_request_that_was_never_served_waited_for_its_first_token_until_the_end() -> None:
    lost = told((900, 0, ()))
    lost = replace(lost, outcome=pack_integers([2]), tokens=None, itl_ns=None)
    view = seen(measuring(2), told((20, 3, (4, 6))), lost)
    assert view is not None
    assert (view.ttft.count, view.ttft.largest) == (2, 900 * MS)
    assert seen(measuring(2), lost) is None


def test_a_score_in_bits_stands_beside_accuracy() -> None:
    session = LiveSession(PLAN)
    score = Score(run=1, at_ns=2 * SECOND, metric="bits_per_byte", value=1.25, samples=4096, step=100)
    for frame in (hello(), started(), measuring(), score):
        session.feed(frame)
    view = session.view(3 * SECOND)
    assert view.current is not None
    assert (view.current.bits_per_byte, view.current.accuracy) == (1.25, None)
    assert view.log[-1].text == "step 100: bits per byte 1.2500 of 4096"
