"""Early stopping against what MLPerf has published, and against the binomial distribution itself."""

from __future__ import annotations

import math

import pytest

from app.analysis.statistics.early_stopping import fixed_count, least_under_latency, over_latency
from app.session.results.carried import needed


@pytest.mark.parametrize(("share", "queries"), [(0.9, 24_576), (0.95, 57_344), (0.97, 90_112), (0.99, 270_336)])
def test_fixed_counts_are_those_of_the_rules(share: float, queries: int) -> None:
    assert fixed_count(share) == queries


def test_the_90th_percentile_needs_64_queries_one_of_them_over_latency() -> None:
    assert least_under_latency(1, 0.9) + 1 == needed(0.9) == 64
    assert [over_latency(count, 0.9) for count in (1, 63, 64)] == [0, 0, 1]


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.97, 0.99, 0.999])
def test_the_two_ways_of_asking_agree(share: float) -> None:
    """The finder says how many queries t over latency need; the estimate takes the largest t that has them."""
    assert needed(share) == least_under_latency(1, share) + 1
    for over in (1, 2, 3, 10, 57):
        least = least_under_latency(over, share) + over
        assert (over_latency(least, share), over_latency(least - 1, share)) == (over, over - 1)


def test_so_few_over_latency_are_unlikely_and_one_more_is_not() -> None:
    def chance(over: int) -> float:
        return math.fsum(math.comb(1024, k) * 0.1**k * 0.9 ** (1024 - k) for k in range(over + 1))

    found = over_latency(1024, 0.9)
    assert chance(found) < 0.01 <= chance(found + 1)


def test_of_very_many_queries_the_estimate_comes_near_the_percentile_itself() -> None:
    assert over_latency(10_000_000, 0.99) == pytest.approx(100_000 - 2.326 * math.sqrt(99_000), abs=5)
