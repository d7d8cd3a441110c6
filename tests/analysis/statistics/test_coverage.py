"""How often intervals are right, in a few simulated experiments; `make bench` does two thousand of each."""

from __future__ import annotations

import pytest

from app.analysis.statistics.intervals import mean_interval
from tests.analysis.statistics.simulated import called_different, coverage


def test_an_interval_of_skewed_and_autocorrelated_runs_holds_the_truth_as_often_as_it_says() -> None:
    assert 0.9 <= coverage(mean_interval, "lognormal", repeats=10, experiments=100) <= 0.99


@pytest.mark.parametrize("paired", [False, True])
def test_the_same_is_seldom_called_different_and_three_percent_are_found(paired: bool) -> None:
    assert called_different(1.0, repeats=10, between=0.015, comparisons=60, paired=paired) <= 0.1
    assert called_different(1.03, repeats=10, between=0.015, comparisons=30, paired=paired) >= 0.8
