"""Intervals: what they are made of, and what they are of values that carry none."""

from __future__ import annotations

import math

import pytest

from app.analysis.statistics.intervals import mean_interval, median_interval, ratio_interval

TEN = [98.2, 101.1, 99.7, 100.4, 102.9, 97.5, 100.8, 99.1, 100.2, 101.6]


def test_the_mean_lies_in_an_interval_about_as_wide_as_students() -> None:
    found = mean_interval(TEN)
    assert found.low is not None
    assert found.high is not None
    # Student: 100.15 ± 2.262 · 1.603 / √10.
    assert (found.count, found.confidence) == (10, 0.95)
    assert found.value == pytest.approx(100.15)
    assert found.low == pytest.approx(100.15 - 1.147, abs=0.15)
    assert found.high == pytest.approx(100.15 + 1.147, abs=0.15)
    assert found.half_width == pytest.approx((found.high - found.low) / 2 / 100.15)


def test_the_same_seed_gives_the_same_interval() -> None:
    assert mean_interval(TEN, seed=7) == mean_interval(TEN, seed=7)
    assert mean_interval(TEN, seed=7) != mean_interval(TEN, seed=8)


def test_of_three_values_it_is_students_interval() -> None:
    """A bootstrap of three values never leaves their range, which holds the mean three times in four."""
    found = mean_interval([99.0, 100.0, 101.0])
    assert found.low == pytest.approx(100 - 4.3027 / 3**0.5, rel=2e-3)
    assert found.high == pytest.approx(100 + 4.3027 / 3**0.5, rel=2e-3)


def test_more_confidence_is_wider() -> None:
    assert (mean_interval(TEN, confidence=0.99).half_width or 0) > (mean_interval(TEN).half_width or 0) * 1.2


def test_an_outlier_moves_the_mean_and_not_the_median() -> None:
    assert (mean_interval([*TEN, 400.0]).value or 0) > 120
    found = median_interval([*TEN, 400.0])
    assert found.value == 100.4
    assert found.high is not None
    assert found.high < 110


def test_a_ratio_is_of_means_and_pairs_take_out_what_shifts_both() -> None:
    rounds = [1.0, 1.1, 0.9, 1.2, 1.05, 0.95, 1.15, 0.85]
    a = [100 * shift * (1 + wiggle / 1000) for shift, wiggle in zip(rounds, (1, -1, 2, -2, 1, -1, 0, 0), strict=True)]
    b = [103 * shift for shift in rounds]
    independent, paired = ratio_interval(a, b), ratio_interval(a, b, paired=True)
    assert independent.value == paired.value == pytest.approx(1.03, rel=1e-3)
    assert paired.low is not None
    assert paired.low > 1.025
    assert independent.low is not None
    assert independent.low < 1 < (independent.high or 0)


@pytest.mark.parametrize("interval", [mean_interval, median_interval])
def test_values_that_carry_no_interval_say_so(interval: type) -> None:
    assert (interval([]).value, interval([]).low, interval([]).count) == (None, None, 0)
    assert (interval([5.0, 6.0]).value, interval([5.0, 6.0]).high) == (5.5, None)
    same = interval([5.0] * 4)
    assert (same.value, same.low, same.high, same.half_width) == (5.0, 5.0, 5.0, 0.0)
    zeros = interval([0.0] * 4)
    assert (zeros.value, zeros.low, zeros.half_width) == (0.0, 0.0, None)
    gaps = interval([math.nan, 1.0, math.inf, 2.0, 4.0])
    assert gaps == interval([1.0, 2.0, 4.0])
    assert gaps.count == 3
    assert interval([math.nan]).value is None


@pytest.mark.parametrize("interval", [mean_interval, median_interval])
@pytest.mark.parametrize("values", [[1.0, 1, 1, 1, 1, 9], [0.0, 0, 0, 0, 0, 0, 1], [1e-300, 2e-300, 3e-300, 1, 1, 1]])
def test_many_equal_values_are_no_trouble(interval: type, values: list[float]) -> None:
    found = interval(values)
    assert found.low <= found.value <= found.high


def test_a_ratio_to_nothing_is_none() -> None:
    assert ratio_interval([0.0] * 5, [1.0] * 5).value is None
    assert ratio_interval([], [1.0]).value is None
    assert ratio_interval([math.nan] * 3, [1.0] * 3, paired=True).count == 0
    may_be_zero = ratio_interval([0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 2, 1, 2, 1])
    assert (may_be_zero.value, may_be_zero.low, may_be_zero.high) == (7.0, None, None)
    to_nothing = ratio_interval([1.0, 2, 1, 2, 1], [0.0] * 5)
    assert (to_nothing.value, to_nothing.low, to_nothing.high) == (0.0, 0.0, 0.0)
    two = ratio_interval([1.0, 1.0], [2.0, 2.0])
    assert (two.value, two.low) == (2.0, None)
    same = ratio_interval([2.0] * 3, [3.0] * 4)
    assert (same.value, same.low, same.high, same.count) == (1.5, 1.5, 1.5, 3)
    one_side = ratio_interval([2.0] * 5, [3.0, 3.1, 2.9, 3.05, 2.95])
    assert one_side.low is not None
    assert one_side.low < 1.5 < (one_side.high or 0)


def test_pairs_must_match() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio_interval([1.0, 2.0], [1.0], paired=True)


def test_what_is_never_negative_has_no_interval_below_zero() -> None:
    assert mean_interval([600.0, 900.0, 1_600.0]).low == 0
    assert (mean_interval([-600.0, 900.0, 1_600.0]).low or 0) < 0
