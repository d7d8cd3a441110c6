"""Simulated experiments whose truth is known: runs of steps that are skewed and hang together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter
from scipy.special import gammaincinv, ndtr

from app.analysis.statistics.intervals import ratio_interval
from app.session.results.interval import Interval

Shape = Literal["lognormal", "gamma"]

STEPS = 200
"""Of a run."""
CORRELATION = 0.8
"""Of a step with the one before it: steps come from a normal AR(1) process of this coefficient."""
SPREAD = 0.5
"""Of steps within a run, a part of their mean: lognormal's shape has a skewness of 1.75, gamma's of 1."""
BETWEEN = 0.02
"""Standard deviation of what shifts a whole run, a part of the mean; gamma distributed."""


def run_means(chance: np.random.Generator, repeats: int, shape: Shape) -> list[float]:
    """One experiment: the mean step time of each run. The true mean is 1."""
    fresh = chance.standard_normal((repeats, STEPS))
    fresh[:, 1:] *= np.sqrt(1 - CORRELATION**2)
    normal = lfilter([1], [1, -CORRELATION], fresh, axis=1)
    steps: npt.NDArray[np.float64] = (
        np.exp(SPREAD * normal - SPREAD**2 / 2) if shape == "lognormal" else gammaincinv(4, ndtr(normal)) / 4
    )
    return [float(value) for value in _shifts(chance, repeats, BETWEEN) * steps.mean(axis=1)]


def coverage(
    interval: Callable[..., Interval], shape: Shape, *, repeats: int, experiments: int, truth: float = 1.0
) -> float:
    """The part of experiments whose 95 % interval holds the truth."""
    chance = np.random.default_rng(repeats)
    found = (interval(run_means(chance, repeats, shape), seed=seed) for seed in range(experiments))
    return sum(_holds(each, truth) for each in found) / experiments


def called_different(faster: float, *, repeats: int, between: float, comparisons: int, paired: bool = False) -> float:
    """The part of comparisons of A with a B that is `faster` in which 1 lies outside the interval of their ratio."""
    chance = np.random.default_rng(repeats)
    different = 0
    for seed in range(comparisons):
        rounds = _shifts(chance, repeats, between) if paired else np.ones(repeats)
        a, b = (rounds * _shifts(chance, repeats, between) for _ in range(2))
        different += not _holds(ratio_interval(list(a), list(faster * b), seed=seed, paired=paired), 1.0)
    return different / comparisons


def _shifts(chance: np.random.Generator, repeats: int, between: float) -> Any:
    return chance.gamma(1 / between**2, between**2, repeats)


def _holds(interval: Interval, truth: float) -> bool:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low <= truth <= interval.high
