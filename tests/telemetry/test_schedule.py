"""The schedule: no drift, no bursts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.telemetry.schedule import Every, Schedule

PERIOD_NS = 250_000_000


def test_readings_are_due_at_whole_periods_however_long_each_takes() -> None:
    schedule = Schedule(1000, 4)
    now, due = 1000, []
    for took_ns in (1_000_000, 90_000_000, 3, 249_000_000):
        now = schedule.next_ns(now + took_ns)
        due.append(now - 1000)
    assert due == [PERIOD_NS, 2 * PERIOD_NS, 3 * PERIOD_NS, 4 * PERIOD_NS]


def test_a_reading_that_took_too_long_costs_those_that_it_overlapped() -> None:
    schedule = Schedule(0, 4)
    assert schedule.next_ns(3 * PERIOD_NS + 1) == 4 * PERIOD_NS
    assert schedule.next_ns(4 * PERIOD_NS + 1) == 5 * PERIOD_NS


def test_the_present_instant_itself_can_be_due() -> None:
    schedule = Schedule(0, 4)
    assert schedule.next_ns(PERIOD_NS) == PERIOD_NS
    assert schedule.next_ns(PERIOD_NS) == 2 * PERIOD_NS


@settings(deadline=None)
@given(
    hz=st.floats(0.1, 100),
    start_ns=st.integers(0, 2**62),
    took_ns=st.lists(st.integers(0, 5_000_000_000), min_size=1, max_size=50),
)
def test_every_reading_is_at_a_whole_period_and_later_than_the_one_before(
    hz: float, start_ns: int, took_ns: list[int]
) -> None:
    schedule = Schedule(start_ns, hz)
    now = start_ns
    for took in took_ns:
        due = schedule.next_ns(now + took)
        assert due > now
        assert (due - start_ns) * hz / 1e9 == pytest.approx(round((due - start_ns) * hz / 1e9), abs=1e-4)
        now = due


def test_the_dear_readings_come_once_a_second_and_with_the_first() -> None:
    every = Every(4)
    assert [every.due() for _ in range(9)] == [True, False, False, False, True, False, False, False, True]


def test_slower_than_once_a_second_every_reading_is_whole() -> None:
    every = Every(0.5)
    assert [every.due() for _ in range(3)] == [True, True, True]
