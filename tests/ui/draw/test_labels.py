"""Numbers on a panel: a dash for what is absent, labels of five characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.draw.axis import nice_limit
from app.ui.draw.chart import LABEL_WIDTH
from app.ui.draw.labels import axis_bytes, axis_text, fraction_percent, shown, steady, time_unit, whole_percent


def test_what_is_absent_is_a_dash_and_what_is_nothing_a_zero() -> None:
    assert shown(None, whole_percent) == "–"
    assert shown(0.0, whole_percent) == "0 %"


def test_small_shares_are_not_rounded_to_nothing() -> None:
    assert [whole_percent(number) for number in (0.04, 0.4, 0.96, 93.4)] == ["0.04 %", "0.4 %", "1 %", "93 %"]
    assert [fraction_percent(number) for number in (0.465, 0.00012, 0.0)] == ["46.5 %", "0.012 %", "0.0 %"]


def test_numbers_of_one_size_keep_their_digits() -> None:
    assert [steady(number) for number in (0.123, 9.87, 121.71, 999.96, 1234.5)] == [
        "0.12", "9.87", "121.7", "1,000", "1,234",
    ]  # fmt: skip


@pytest.mark.parametrize(("ns", "text"), [(2.5e9, "2.50 s"), (12.1e6, "12.1 ms"), (380e3, "380.0 µs"), (90, "0.09 µs")])
def test_times_are_in_the_unit_that_reads_well(ns: float, text: str) -> None:
    unit = time_unit(ns)
    assert f"{unit.text(ns)} {unit.name}" == text


def test_axis_labels() -> None:
    assert [axis_text(number) for number in (0.25, 2.5, 600, 4814, 12_500, 600_000, 1.5e6)] == [
        "0.25", "2.5", "600", "4,814", "12.5k", "600k", "1.5M",
    ]  # fmt: skip
    assert [axis_bytes(number) for number in (2.5e9, 800e6, 4814e9)] == ["2.5G", "800M", "4,814"]


@given(st.floats(1e-3, 9e14))
def test_every_round_limit_and_its_half_fit_beside_the_axis(number: float) -> None:
    limit = nice_limit(number)
    for value in (limit, limit / 2):
        assert len(axis_text(value)) <= LABEL_WIDTH
        assert len(axis_bytes(value)) <= LABEL_WIDTH
