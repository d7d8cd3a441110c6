"""A logarithmic axis holds what is on it, ends at round numbers, and knows where its powers of ten are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.draw.log_axis import LogAxis, log_axis


def test_the_ends_are_round_and_at_least_two_decades_apart() -> None:
    assert log_axis((52e12, 742e12), (1, 10)) == LogAxis(1e13, 1e15)
    assert log_axis((3.0, 4_000.0), (1, 10)) == LogAxis(2.0, 5_000.0)
    assert log_axis((), (0.1, 1_000.0)) == LogAxis(0.1, 1_000.0)


def test_places_and_values_are_each_others_opposite() -> None:
    axis = LogAxis(0.1, 1_000.0)
    assert axis.place(0.1) == 0
    assert axis.place(10.0) == pytest.approx(0.5)
    assert axis.value(0.75) == pytest.approx(100.0)
    assert axis.decades() == (0.1, 1.0, 10.0, 100.0, 1_000.0)
    assert LogAxis(0.2, 50.0).decades() == (1.0, 10.0)


@given(st.lists(st.floats(min_value=1e-6, max_value=1e6), min_size=1))
def test_every_number_lies_on_its_axis(values: list[float]) -> None:
    axis = log_axis(values, (1.0, 10.0))
    assert all(-1e-6 <= axis.place(value) <= 1 + 1e-6 for value in values)


def test_what_is_no_measurement_is_left_out() -> None:
    assert log_axis((float("inf"), float("nan"), 0.0, -1.0, 5.0), (1.0, 10.0)) == log_axis((5.0,), (1.0, 10.0))
