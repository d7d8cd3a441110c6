"""The y axis: round limits, which grow at once and shrink late."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.ui.draw.axis import TOO_LARGE, next_limit, nice_limit


def test_limits_are_round_and_not_below_the_number() -> None:
    assert [nice_limit(value) for value in (0.0, 0.9, 1.0, 1.1, 13.0, 121.7, 538_427.0)] == [
        1.0, 1.0, 1.0, 1.2, 15.0, 150.0, 600_000.0,
    ]  # fmt: skip


def test_an_axis_grows_at_once() -> None:
    assert next_limit(100.0, [99.0, 101.0]) == 120.0


def test_an_axis_stays_while_its_numbers_are_a_fair_part_of_it() -> None:
    assert next_limit(100.0, [40.0]) == 100.0


def test_an_axis_shrinks_when_it_is_far_too_large() -> None:
    assert next_limit(100.0, [20.0, None]) == 25.0


def test_a_chart_of_gaps_has_an_axis_all_the_same() -> None:
    assert next_limit(None, [None]) == 1.0


@given(st.floats(1e-9, 1e18), st.lists(st.floats(0, 1e18), min_size=1))
def test_numbers_always_fit_and_the_same_numbers_never_move_the_axis_twice(limit: float, values: list[float]) -> None:
    now = next_limit(limit, values)
    assert max(values) <= now
    assert next_limit(now, values) == now
    assert now == limit or limit < max(values) or limit > TOO_LARGE * now
