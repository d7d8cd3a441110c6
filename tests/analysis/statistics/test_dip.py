"""The dip: of shapes whose dip is known, and of samples with one mode and with two."""

from __future__ import annotations

import random

import pytest

from app.analysis.statistics.dip import CRITICAL, critical, dip, has_two_modes


def test_of_even_steps_it_is_as_small_as_it_can_be_and_of_two_points_as_large() -> None:
    assert dip([float(number) for number in range(10)]) == pytest.approx(1 / 20)
    assert dip([0.0] * 6 + [1.0] * 6) == pytest.approx(0.25)
    assert dip([5.0]) == 0.5
    assert dip([3.0] * 7) == pytest.approx(1 / 14)
    assert dip([5.0] * 6 + [9.0]) == pytest.approx(1 / 14), "equal values are a mode"


def test_of_few_points_it_is_what_the_nearest_unimodal_distribution_leaves() -> None:
    """Worked out as a linear programme over all unimodal distributions."""
    assert dip([0.0, 0.1, 0.2, 5.0, 5.1, 5.2]) == pytest.approx(0.24)
    assert dip([0.0, 0.1, 0.2, 0.3, 0.4, 5.0, 5.1, 5.2]) == pytest.approx(0.1796875)


def test_where_the_values_lie_and_how_far_apart_changes_nothing() -> None:
    chance = random.Random(3)
    values = [chance.gauss(0, 1) for _ in range(15)]
    assert dip([100 + 7 * value for value in values]) == pytest.approx(dip(values))


def test_two_groups_are_found_and_one_is_not() -> None:
    chance = random.Random(1)
    one = [[chance.gauss(100, 2) for _ in range(10)] for _ in range(200)]
    two = [[chance.gauss(100 + 8 * (place % 2), 1) for place in range(10)] for _ in range(200)]
    assert sum(map(has_two_modes, one)) <= 10
    assert sum(map(has_two_modes, two)) >= 170
    assert not has_two_modes([0.0, 0, 9, 9, 9]), "five are too few"


def test_critical_values_go_with_the_root_of_the_size() -> None:
    assert critical(10) == CRITICAL[10]
    assert CRITICAL[15] < critical(12) < CRITICAL[10]
    assert critical(400) == pytest.approx(CRITICAL[100] / 2)
