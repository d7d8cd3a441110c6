"""Confidence intervals of a mean, a median and a ratio over repeats, by the bootstrap.

Each value is of one run: steps are never pooled, so how they hang together within a run does not matter. Intervals are
BCa, bias-corrected and accelerated (Efron 1987), by `scipy.stats.bootstrap`. Of few values a bootstrap is too narrow:
it divides by n where n − 1 is right, and knows no t. So its level is widened until its normal quantile is
√(n / (n − 1)) · t(n − 1) (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", The American Statistician
69:4, "expanded percentile interval"). Of two independent sides the degrees of freedom are Welch's.

Three to five values have too few different resamples for the widened level, and none lies beyond the largest value.
There it is the t interval with the bootstrap's standard error (in the same article), which for a mean is Student's.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.session.results.interval import Interval

LEAST = 3
"""Values of a side for an interval."""
RESAMPLES = 9_999
BEYOND = 10
"""Different resamples that must lie beyond an end of the interval, for that end to be found among them."""


@dataclass(frozen=True)
class _Few:
    """What makes a bootstrap of few values too narrow."""

    freedom: float
    """Degrees of freedom of the spread."""
    shrunk: float
    """The bootstrap's variance ÷ the unbiased one."""
    resamples: float
    """How many different ones there are, counted with their order."""

    def quantile(self, tail: float) -> float:
        """In standard errors of the bootstrap, what takes the place of the normal distribution's."""
        from scipy.special import stdtrit

        return float(-stdtrit(self.freedom, tail)) / math.sqrt(self.shrunk)


def mean_interval(values: Sequence[float], *, confidence: float = 0.95, seed: int = 0) -> Interval:
    """Of the mean over runs. Values that are not finite are left out."""
    return _of_one(values, _mean, confidence, seed)


def median_interval(values: Sequence[float], *, confidence: float = 0.95, seed: int = 0) -> Interval:
    """Of the median over runs. Values that are not finite are left out."""
    return _of_one(values, _median, confidence, seed)


def ratio_interval(
    a: Sequence[float], b: Sequence[float], *, confidence: float = 0.95, seed: int = 0, paired: bool = False
) -> Interval:
    """Of the mean of b ÷ the mean of a.

    paired: the values at one place were measured in one round, so that what shifts a round shifts both. A value that
    is not finite is left out, with its other half. Raises ValueError for pairs that do not match.
    """
    if paired:
        pairs = [pair for pair in zip(a, b, strict=True) if all(map(math.isfinite, pair))]
        a, b = [first for first, _ in pairs], [second for _, second in pairs]
    else:
        a, b = _finite(a), _finite(b)
    count = min(len(a), len(b))
    below = math.fsum(a) * len(b)
    if not below:
        return Interval(None, None, None, confidence, count)
    value = math.fsum(b) * len(a) / below
    if count < LEAST:
        return Interval(value, None, None, confidence, count)
    if len({*a}) == len({*b}) == 1:
        return Interval(value, value, value, confidence, count)
    few = _few(count) if paired else _few_of_two(a, b)
    ends = _ends((a, b), _ratio, value, few, confidence=confidence, seed=seed, paired=paired)
    return Interval(value, *ends, confidence, count)


def _of_one(values: Sequence[float], statistic: Callable[..., Any], confidence: float, seed: int) -> Interval:
    import numpy as np

    values = _finite(values)
    n = len(values)
    value = float(statistic(np.array(values), axis=-1)) if n else None
    if value is None or n < LEAST:
        return Interval(value, None, None, confidence, n)
    if len({*values}) == 1:
        return Interval(value, value, value, confidence, n)
    ends = _ends((values,), statistic, value, _few(n), confidence=confidence, seed=seed)
    return Interval(value, *ends, confidence, n)


def _ends(
    sides: tuple[Sequence[float], ...],
    statistic: Callable[..., Any],
    value: float,
    few: _Few,
    *,
    confidence: float,
    seed: int,
    paired: bool = False,
) -> tuple[float | None, float | None]:
    """Low and high; None where a resample has no value, as a ratio to zero."""
    import numpy as np
    from scipy.special import ndtr
    from scipy.stats import bootstrap

    far = few.quantile((1 - confidence) / 2)
    tail = float(ndtr(-far))

    def bootstrapped(method: str) -> Any:
        return bootstrap(
            sides,
            statistic,
            paired=paired,
            vectorized=True,
            n_resamples=RESAMPLES,
            confidence_level=1 - 2 * tail,
            method=method,
            rng=np.random.default_rng(seed),
        )

    # Of resamples without a value, and of those that are all alike, scipy warns; here None or another method tells.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if tail * few.resamples < BEYOND:
            error = float(bootstrapped("percentile").standard_error)
            low, high = value - far * error, value + far * error
            if all(each >= 0 for side in sides for each in side):
                low = max(low, 0.0)  # what is never negative has no interval below zero
        else:
            low, high = map(float, bootstrapped("BCa").confidence_interval)
            if not (math.isfinite(low) and math.isfinite(high)):
                # Where leaving out any one value changes nothing, as with many equal ones, there is no acceleration.
                low, high = map(float, bootstrapped("percentile").confidence_interval)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (None, None)


def _few(n: int) -> _Few:
    return _Few(freedom=n - 1, shrunk=(n - 1) / n, resamples=float(n) ** n)


def _few_of_two(a: Sequence[float], b: Sequence[float]) -> _Few:
    """Of a ratio, whose variance is about the sum of the sides' relative ones; degrees of freedom as Welch has them."""
    parts = [_relative_variance(side) for side in (a, b)]
    sizes = [len(a), len(b)]
    whole = math.fsum(parts)
    freedom = whole**2 / math.fsum(part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True))
    shrunk = math.fsum(part * (n - 1) / n for part, n in zip(parts, sizes, strict=True)) / whole
    return _Few(freedom=freedom, shrunk=shrunk, resamples=math.prod(float(n) ** n for n in sizes))


def _relative_variance(side: Sequence[float]) -> float:
    """Of the mean of a side, as a part of its square; where the mean is zero, of no part."""
    n = len(side)
    mean = math.fsum(side) / n
    return math.fsum((value - mean) ** 2 for value in side) / (n - 1) / n / (mean**2 or 1.0)


def _mean(values: Any, axis: int) -> Any:
    return values.mean(axis=axis)


def _median(values: Any, axis: int) -> Any:
    import numpy as np

    return np.median(values, axis=axis)


def _ratio(a: Any, b: Any, axis: int) -> Any:
    return b.mean(axis=axis) / a.mean(axis=axis)


def _finite(values: Sequence[float]) -> list[float]:
    return [float(value) for value in values if math.isfinite(value)]
