"""Two clocks: an offset is never off by more than is said, and converted times stay in their order."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workloads.wire.clock import LEAD_NS, SLEW_NS, AlignedClock, Exchange
from workloads.wire.frames import Done, Hello, Phase

SECOND = 1_000_000_000
offsets = st.integers(-(10**15), 10**15)
delays = st.integers(0, 10 * SECOND)


@given(offset=offsets, there=delays, busy=delays, back=delays, sent=st.integers(0, 10**15))
def test_the_error_holds_whatever_the_line_does(offset: int, there: int, busy: int, back: int, sent: int) -> None:
    received = sent + there - offset
    exchange = Exchange(sent, received, received + busy, sent + there + busy + back)
    assert abs(exchange.offset_ns - offset) <= exchange.error_ns
    assert exchange.error_ns <= (there + back + 1) // 2


def test_a_line_that_is_as_quick_both_ways_tells_the_offset_itself() -> None:
    exchange = Exchange(sent_ns=100, received_ns=5_110, replied_ns=5_190, back_ns=200)
    assert (exchange.offset_ns, exchange.error_ns) == (-5_000, 10)


corrections = st.lists(
    st.tuples(st.integers(0, 30 * SECOND), st.integers(-20 * SECOND, 20 * SECOND)), min_size=1, max_size=12
)


@given(corrections, st.lists(st.integers(0, 200 * SECOND), min_size=2, max_size=30))
def test_times_never_run_backwards_whatever_is_corrected(sets: list[tuple[int, int]], times: list[int]) -> None:
    clock, now = AlignedClock(), 0
    for wait, offset in sets:
        now += wait
        clock.set(offset, now)
    ordered = sorted(times)
    converted = list(clock.times(ordered))
    assert converted == [clock.time(instant) for instant in ordered]
    assert all(before <= after for before, after in pairwise(converted))


@given(corrections, st.integers(0, 10 * SECOND))
def test_what_was_sent_before_a_correction_stays_before_what_comes_after(sets: list[tuple[int, int]], age: int) -> None:
    clock, now, newest = AlignedClock(), 0, -(10**18)
    clock.set(0, 0)
    for wait, offset in sets:
        now += wait
        newest = max(newest, clock.time(now))
        clock.set(offset, now)
        assert clock.time(now + 1) >= newest
        assert clock.time(now - age) <= clock.time(now)


def test_the_first_offset_holds_at_once_and_a_later_one_is_approached() -> None:
    clock = AlignedClock()
    assert (clock.time(7), list(clock.times([7]))) == (7, [7])
    clock.set(1_000, 10 * SECOND)
    assert clock.time(5 * SECOND) == 5 * SECOND + 1_000
    clock.set(3_000, 20 * SECOND)
    begin = 20 * SECOND + LEAD_NS
    assert clock.time(begin) - begin == 1_000
    assert clock.time(begin + SLEW_NS // 2) - (begin + SLEW_NS // 2) == 2_000
    assert clock.time(begin + SLEW_NS) - (begin + SLEW_NS) == 3_000
    assert list(clock.times([])) == []


def test_a_frame_has_its_instant_converted_and_nothing_else() -> None:
    clock = AlignedClock()
    clock.set(-7, 0)
    assert clock.frame(Phase(at_ns=10, phase="measure", mark="m")) == Phase(at_ns=3, phase="measure", mark="m")
    assert clock.frame(Done(at_ns=10, dropped=5)) == Done(at_ns=3, dropped=5)
    hello = Hello(role="worker", pid=1, host="there", monotonic_ns=10, wall_ns=20)
    assert clock.frame(hello) == Hello(role="worker", pid=1, host="there", monotonic_ns=3, wall_ns=20)
