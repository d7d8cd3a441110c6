"""Time columns: a picture moves by whole cells, and only when time has gone on by two buckets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.session.live.view import Series
from app.ui.draw.columns import columns, scaled


def numbered(last: int, length: int) -> Series:
    """A series whose value in each bucket is the bucket's index."""
    return Series(10**9, last, tuple(float(at) for at in range(last - length + 1, last + 1)))


def test_the_newest_bucket_is_in_the_last_cell_whose_left_column_is_even() -> None:
    assert columns(numbered(7, 8), 2) == (4.0, 5.0, 6.0, 7.0)


def test_a_column_that_has_not_come_yet_is_drawn_like_the_one_left_of_it() -> None:
    assert columns(numbered(8, 8), 2) == (6.0, 7.0, 8.0, 8.0)


def test_what_lies_before_the_series_is_a_gap() -> None:
    assert columns(numbered(7, 3), 3) == (None, None, None, 5.0, 6.0, 7.0)


def test_two_series_can_end_with_the_same_bucket() -> None:
    assert columns(numbered(7, 8), 2, last=9) == (6.0, 7.0, None, None)


def test_no_series_is_all_gaps() -> None:
    assert columns(None, 2) == (None,) * 4
    assert scaled(None, 2.0) is None
    assert scaled(numbered(1, 2), None) is None


def test_a_scaled_series_keeps_its_gaps_and_its_time() -> None:
    assert scaled(Series(5, 9, (None, 2.0)), 3.0) == Series(5, 9, (None, 6.0))


@given(st.integers(400, 10_000), st.integers(1, 100))
def test_within_two_buckets_nothing_but_the_last_cell_changes(pair: int, width: int) -> None:
    even, odd, later = (columns(numbered(2 * pair + step, 400), width) for step in (0, 1, 2))
    assert even[:-1] == odd[:-1]
    assert later[:-2] == odd[2:]


def test_a_sweep_writes_over_the_oldest_behind_a_gap() -> None:
    assert columns(numbered(13, 14), 5, sweep=True) == (10.0, 11.0, 12.0, 13.0, None, None, None, None, 8.0, 9.0)


@given(st.integers(400, 10_000), st.integers(4, 100))
def test_in_a_sweep_no_more_than_two_cells_change_in_two_buckets(pair: int, width: int) -> None:
    before, after = (columns(numbered(2 * pair + step, 400), width, sweep=True) for step in (1, 3))
    changed = {place // 2 for place in range(2 * width) if before[place] != after[place]}
    assert len(changed) == 2
    assert len(after) == 2 * width


@given(st.integers(1, 10_000), st.integers(0, 400), st.integers(0, 100))
def test_in_a_sweep_every_number_is_one_of_the_newest_in_its_own_place(last: int, length: int, width: int) -> None:
    for place, value in enumerate(columns(numbered(last, length), width, sweep=True)):
        assert value is None or (last - value < 2 * width and value % (2 * width) in (place, place - 1))
