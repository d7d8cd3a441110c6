"""Rings of buckets: absolute time, bounded size, and nothing shown that was not measured."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from app.session.buckets import BUCKET_NS, KEPT, Mean, Ring, spans


def value(cell: Mean) -> float | None:
    """The mean."""
    return cell.value


def add(ring: Ring[Mean], index: int, number: float) -> None:
    """A number into a bucket, if it still has one."""
    cell = ring.at(index)
    if cell is not None:
        cell.add(number)


def test_a_bucket_without_numbers_is_none_and_not_zero() -> None:
    ring = Ring(Mean)
    add(ring, 7, 2.0)
    add(ring, 9, 4.0)
    assert ring.series(10, 5, value).values == (None, 2.0, None, 4.0, None)


def test_a_late_number_changes_what_was_already_shown() -> None:
    ring = Ring(Mean)
    add(ring, 7, 2.0)
    add(ring, 9, 4.0)
    ring.series(9, 3, value)
    add(ring, 8, 6.0)
    assert ring.series(9, 3, value).values == (2.0, 6.0, 4.0)


def test_the_newest_bucket_is_shown_as_it_fills() -> None:
    ring = Ring(Mean)
    add(ring, 1, 2.0)
    ring.series(1, 2, value)
    add(ring, 1, 4.0)
    assert ring.series(1, 2, value).values == (None, 3.0)


def test_a_ring_does_not_grow_and_forgets_what_is_too_old() -> None:
    ring = Ring(Mean)
    for index in range(5 * KEPT):
        add(ring, index, 1.0)
    assert len(ring) == KEPT
    assert ring.at(0) is None


@given(st.lists(st.integers(min_value=0, max_value=20 * BUCKET_NS), max_size=50))
def test_spans_take_every_time_once_and_into_its_bucket(times: list[int]) -> None:
    rising = array("q", sorted(times))
    seen: list[int] = []
    for index, begin, end in spans(rising):
        assert all(time // BUCKET_NS == index for time in rising[begin:end])
        seen += rising[begin:end]
    assert seen == list(rising)


@given(st.lists(st.integers(min_value=0, max_value=20 * BUCKET_NS), max_size=50))
def test_times_that_do_not_rise_do_not_hold_spans_up(times: list[int]) -> None:
    assert sum(end - begin for _, begin, end in spans(times)) == len(times)
