"""Change points: of series whose changes are known, and as ruptures' PELT finds them."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from app.analysis.statistics.change_points import change_points


def stretches(seed: int, *parts: tuple[int, float, float]) -> list[float]:
    """Normal values: how many, their mean, their standard deviation."""
    chance = random.Random(seed)
    return [chance.gauss(mean, spread) for count, mean, spread in parts for _ in range(count)]


def test_a_change_of_the_mean_and_one_of_the_spread_are_found() -> None:
    series = stretches(1, (100, 1.3, 0.02), (150, 1.0, 0.02), (150, 1.0, 0.1))
    first, second = change_points(series, 15 * math.log(400))
    assert first == 100
    assert second == pytest.approx(250, abs=3)


def test_where_nothing_changes_nothing_is_found() -> None:
    assert change_points(stretches(2, (500, 1.0, 0.05)), 15 * math.log(500)) == []
    assert change_points([1.0] * 100, 15 * math.log(100)) == []
    assert change_points([1.0, 2.0, 3.0], 1.0) == []
    assert change_points([], 1.0) == []


@pytest.mark.filterwarnings("ignore:New behaviour")
@pytest.mark.parametrize("seed", range(4))
def test_they_are_those_of_ruptures(seed: int) -> None:
    import ruptures  # noqa: PLC0415 - brings all of scipy, and every process that runs tests knows this file

    series = stretches(seed, (40, 1.2, 0.03), (60, 1.0, 0.03), (30, 1.1, 0.06), (70, 1.0, 0.02))
    penalty = 15 * math.log(len(series))
    model = ruptures.Pelt(model="normal", min_size=2, jump=1).fit(np.array(series)[:, None])
    assert change_points(series, penalty) == pytest.approx(model.predict(pen=penalty)[:-1], abs=1)
