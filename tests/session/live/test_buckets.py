"""Buckets: absolute time, bounded size, and nothing shown that was not measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session.live.buckets import BUCKET_NS, KEPT, Course, MeanCourse, spans, spread

RISING = st.lists(st.integers(min_value=0, max_value=20 * BUCKET_NS), max_size=50).map(sorted)


def course(**numbers: float) -> Course:
    """A course with these numbers in the buckets b7, b9 …"""
    made = Course()
    for name, number in numbers.items():
        made.put(int(name[1:]), number)
    return made


def test_a_bucket_without_numbers_is_none_and_not_zero() -> None:
    assert course(b7=2.0, b9=4.0).series(10, 5).values == (None, 2.0, None, 4.0, None)


def test_a_late_number_changes_what_was_already_shown() -> None:
    late = course(b7=2.0, b9=4.0)
    late.series(9, 3)
    late.put(8, 6.0)
    assert late.series(9, 3).values == (2.0, 6.0, 4.0)
    late.put(5, 1.0)
    assert late.series(9, 5).values == (1.0, None, 2.0, 6.0, 4.0), "even before the first"


def test_a_number_takes_the_place_of_an_earlier_one() -> None:
    again = course(b1=2.0)
    again.put(1, 3.0)
    assert again.series(1, 2).values == (None, 3.0)


def test_a_course_does_not_grow_and_forgets_what_is_too_old() -> None:
    long = Course()
    for index in range(5 * KEPT):
        long.put(index, 1.0)
    long.put(0, 1.0)
    assert len(long) == KEPT
    assert long.series(KEPT, 3).values == (None, None, None)


@given(
    st.dictionaries(st.integers(0, 3 * KEPT), st.floats(0, 9), max_size=30),
    st.integers(-5, 4 * KEPT),
    st.integers(1, 2 * KEPT),
)
def test_a_series_is_what_was_put_wherever_one_looks(numbers: dict[int, float], last: int, width: int) -> None:
    made = Course()
    for index in sorted(numbers):
        made.put(index, numbers[index])
    kept = {index: value for index, value in numbers.items() if index > max(numbers) - KEPT}
    expected = tuple(kept.get(index) for index in range(last - width + 1, last + 1))
    assert made.series(last, width).values == expected


def test_a_gauge_shows_the_mean_of_each_bucket_while_it_fills() -> None:
    mean = MeanCourse()
    mean.add(0, 1.0)
    mean.add(BUCKET_NS, 2.0)
    assert mean.course.series(1, 2).values == (1.0, 2.0)
    mean.add(2 * BUCKET_NS - 1, 4.0)
    assert mean.course.series(1, 2).values == (1.0, 3.0)


@given(RISING)
def test_spans_take_every_sample_once_and_into_its_bucket(ends: list[int]) -> None:
    seen: list[int] = []
    for index, begin, end in spans(len(ends), ends.__getitem__):
        assert all(time // BUCKET_NS == index for time in ends[begin:end])
        seen += ends[begin:end]
    assert seen == ends


@given(st.lists(st.integers(min_value=0, max_value=20 * BUCKET_NS), max_size=50))
def test_times_that_do_not_rise_do_not_hold_spans_up(ends: list[int]) -> None:
    assert sum(end - begin for _, begin, end in spans(len(ends), ends.__getitem__)) == len(ends)


def test_a_step_over_the_edge_of_a_bucket_is_shared_by_time() -> None:
    ends = [750_000_000, 1_500_000_000]
    assert list(spread(0, [3, 6], ends.__getitem__)) == [(0, 3 + 2.0, BUCKET_NS), (1, 4.0, BUCKET_NS // 2)]


def test_a_step_over_whole_buckets_is_shared_by_all_of_them() -> None:
    ends = [4 * BUCKET_NS]
    assert list(spread(0, [8], ends.__getitem__)) == [(index, 2.0, BUCKET_NS) for index in range(4)]


@given(RISING.filter(bool), st.integers(0, 20 * BUCKET_NS), st.data())
def test_sharing_loses_no_work_and_no_time(ends: list[int], began_ns: int, data: st.DataObject) -> None:
    amounts = data.draw(st.lists(st.integers(0, 1000), min_size=len(ends), max_size=len(ends)))
    shared = list(spread(began_ns, amounts, ends.__getitem__))
    assert sum(units for _, units, _ in shared) == pytest.approx(sum(amounts))
    assert sum(work_ns for _, _, work_ns in shared) == max(0, ends[-1] - began_ns)
    assert all(0 <= work_ns <= BUCKET_NS and units >= -1e-6 for _, units, work_ns in shared)


def test_work_that_took_a_year_is_shared_by_the_kept_buckets_alone() -> None:
    year = 365 * 86_400 * BUCKET_NS
    assert len(list(spread(0, [1], [year].__getitem__))) == KEPT
