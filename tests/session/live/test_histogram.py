"""The histogram's one promise: every quantile within 0.4 % (the view promises 0.8), whatever the values."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from app.session.live.histogram import Histogram, keys_of

DURATIONS = st.integers(min_value=0, max_value=1 << 50)


@given(st.lists(DURATIONS, min_size=1, max_size=300), st.floats(min_value=0, max_value=1))
def test_a_quantile_is_within_its_bound_of_the_exact_one(values: list[int], share: float) -> None:
    histogram = Histogram()
    histogram.add(values)
    ranked, place = sorted(values), share * (len(values) - 1)
    below, above = ranked[math.floor(place)], ranked[math.ceil(place)]
    exact = below + (place - math.floor(place)) * (above - below)
    (found,) = histogram.quantiles((share,))
    assert abs(found - exact) <= exact / 255


def test_a_quantile_between_two_values_is_as_far_between_them() -> None:
    histogram = Histogram()
    histogram.add([1 << 20, 1 << 21])
    (half,) = histogram.quantiles((0.5,))
    assert abs(half / (3 << 19) - 1) < 1 / 256


@given(st.lists(DURATIONS, max_size=100))
def test_larger_values_never_have_smaller_keys(values: list[int]) -> None:
    assert keys_of(sorted(values)) == sorted(keys_of(values))


@given(st.lists(DURATIONS, min_size=2, max_size=100), st.integers(min_value=0, max_value=100))
def test_counting_in_pieces_is_counting_at_once(values: list[int], cut: int) -> None:
    whole, pieces = Histogram(), Histogram()
    whole.add(values)
    pieces.add(values[:cut])
    pieces.add(values[cut:])
    shares = (0.0, 0.5, 0.9, 1.0)
    assert whole.quantiles(shares) == pieces.quantiles(shares)
    assert (whole.count, whole.largest) == (pieces.count, pieces.largest)


def test_values_that_came_after_a_look_are_in_the_next() -> None:
    histogram = Histogram()
    histogram.add([100])
    assert histogram.quantiles((0.5,)) == [100.0]
    histogram.add([900] * 9)
    assert 896 <= histogram.quantiles((0.9,))[0] <= 900


def test_nothing_is_larger_than_the_largest() -> None:
    histogram = Histogram()
    histogram.add([1_000_000])
    assert histogram.quantiles((1.0,))[0] <= 1_000_000
    assert histogram.largest == 1_000_000


def test_however_many_times_there_are_they_take_a_few_thousand_counts() -> None:
    values = [low << shift for shift in range(40) for low in range(1024, 2048)]
    assert len(set(keys_of(values))) <= 40 * 128
