"""The steady state in series of step times of every shape that a run has been seen to have."""

from __future__ import annotations

import math
import random

import pytest

from app.analysis.statistics.steady import Found, steady_state

SIZES = pytest.mark.parametrize("steps", [200, 1_000, 20_000])


def noise(steps: int, spread: float = 0.02) -> list[float]:
    chance = random.Random(steps)
    return [chance.lognormvariate(0, spread) for _ in range(steps)]


def found(durations: list[float]) -> Found:
    state = steady_state(durations)
    assert state is not None
    return state


@SIZES
def test_a_level_run_is_steady_from_its_first_step(steps: int) -> None:
    assert found(noise(steps)) == Found(first=0)
    assert found([5e6] * steps) == Found(first=0)


@SIZES
def test_a_warm_up_ends_where_it_ends(steps: int) -> None:
    state = found([value * (1.2 if place < steps // 10 else 1) for place, value in enumerate(noise(steps))])
    assert state.reached
    assert state.first == pytest.approx(steps // 10, abs=steps // 100)


@SIZES
def test_a_warm_up_that_fades_is_over_when_little_of_it_is_left(steps: int) -> None:
    state = found([value * (1 + math.exp(-20 * place / steps)) for place, value in enumerate(noise(steps))])
    assert state.reached
    assert 0.1 < state.first / steps < 0.3


@SIZES
def test_outliers_and_an_interruption_end_no_steady_state(steps: int) -> None:
    assert found([value * (20 if place % 50 == 7 else 1) for place, value in enumerate(noise(steps))]) == Found(first=0)
    away = range(steps // 2, steps // 2 + steps // 40)
    assert found([value * (2 if place in away else 1) for place, value in enumerate(noise(steps))]) == Found(first=0)


@SIZES
def test_a_drift_to_the_end_is_no_steady_state(steps: int) -> None:
    state = found([value * (1 + 0.3 * place / steps) for place, value in enumerate(noise(steps))])
    assert not state.reached
    assert state.drift == pytest.approx(0.3 / 1.15, rel=0.1)


@SIZES
def test_a_change_near_the_end_is_none_either(steps: int) -> None:
    state = found([value * (1 if place < 0.8 * steps else 0.7) for place, value in enumerate(noise(steps))])
    assert (state.reached, state.late) == (False, True)
    assert state.first == pytest.approx(0.8 * steps, abs=steps // 100)


def test_of_few_steps_nothing_is_said() -> None:
    assert steady_state(noise(29)) is None
    assert steady_state([]) is None
    assert steady_state([0.0] * 100) is None
