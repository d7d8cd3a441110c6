"""Columns that are summed without looking at each item give the sums that looking at each gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.verdicts.gathering.sums import (
    EVERY,
    MANY,
    Unsound,
    about_total,
    item,
    times,
    total,
)
from workloads.wire.columns import pack_floats, pack_integers

ITEMS = st.lists(st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 2**50), st.just(0)), min_size=1, max_size=100)


@given(ITEMS)
def test_totals_and_items_are_those_of_the_column(items: list[int]) -> None:
    column = pack_integers(items)
    assert total(column) == about_total(column, 7) == sum(items)
    assert [item(column, place) for place in range(len(items))] == items
    assert item(column, -1) == items[-1]


def test_items_that_are_all_the_same_are_added_up_too() -> None:
    assert total(pack_integers([7] * 1000)) == 7000
    assert total(pack_integers([])) == 0


def test_of_a_long_column_every_fourth_is_taken_by_turns() -> None:
    column = pack_integers([100 if place % EVERY == 0 else 0 for place in range(MANY)])
    assert sum(about_total(column, number) for number in range(EVERY)) == EVERY * 100 * MANY // EVERY


@pytest.mark.parametrize("column", [b"", b"x", pack_floats([1.0]), pack_integers([5, -1]), pack_integers([-1] * MANY)])
def test_columns_that_are_none_are_refused(column: bytes) -> None:
    for add in (total, lambda each: about_total(each, 0)):
        with pytest.raises(ValueError, match=r"column"):
            add(column)


def test_what_is_below_zero_is_unsound() -> None:
    with pytest.raises(Unsound):
        total(pack_integers([1, -1]))


def test_quantiles_rest_on_a_part_of_long_frames() -> None:
    walls = [1000 + place % 100 for place in range(10_000)]
    counted = times(walls)
    assert counted.largest == 1099
    median, p95 = counted.quantiles((0.5, 0.95))
    assert median == pytest.approx(1050, rel=0.01)
    assert p95 == pytest.approx(1095, rel=0.01)
