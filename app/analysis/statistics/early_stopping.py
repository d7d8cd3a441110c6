"""MLPerf's early stopping: what a sample lets one say of a percentile with 99 % confidence.

The rule is that of LoadGen (mlcommons/inference, loadgen/early_stopping.cc and results.cc) with confidence 0.99 and
tolerance 0. Of n queries let each be over latency with the chance 1 − p. Then t or fewer of them are so with the chance
I(p; n − t, t + 1), the regularised incomplete beta function. While that is below 1 %, the percentile is, with 99 %
confidence, not above the t-th highest latency: the estimate is that latency for the largest such t.

Beside it stands the older rule of fixed counts (MLPerf inference rules, appendix "Number of queries").
"""

from __future__ import annotations

import math
from functools import lru_cache

from app.session.results.carried import CONFIDENCE, needed

ROUNDED_TO = 1 << 13
MARGIN = 1 / 20
"""Of the tail: how far a percentile may be off, in the rule of fixed counts."""


@lru_cache(256)
def over_latency(count: int, share: float) -> int:
    """The largest t of `count` queries that passes; 0 where they are too few for any."""
    if count < needed(share):
        return 0
    passing, failing = 1, count
    while failing - passing > 1:
        middle = (passing + failing) // 2
        if _chance(count - middle, middle, share) < 1 - CONFIDENCE:
            passing = middle
        else:
            failing = middle
    return passing


def least_under_latency(over: int, share: float) -> int:
    """With so many queries over latency, how many within it are needed: LoadGen's MinPassingQueriesFinder."""
    failing, passing = 0, 1
    while _chance(passing, over, share) >= 1 - CONFIDENCE:
        failing, passing = passing, 2 * passing
    while passing - failing > 1:
        middle = (passing + failing) // 2
        if _chance(middle, over, share) < 1 - CONFIDENCE:
            passing = middle
        else:
            failing = middle
    return passing


def fixed_count(share: float) -> int:
    """Queries of the rule of fixed counts, in whole multiples of 2¹³.

    n = p (1 − p) (z / m)² with m a twentieth of the tail 1 − p, and z the normal quantile of 99 % between two sides.
    """
    from scipy.special import ndtri

    margin = (1 - share) * MARGIN
    exact = share * (1 - share) * (float(ndtri((1 + CONFIDENCE) / 2)) / margin) ** 2
    return math.ceil(exact / ROUNDED_TO) * ROUNDED_TO


def _chance(under: int, over: int, share: float) -> float:
    """Of `over` or fewer over latency among all, if each is so with the chance 1 − share."""
    from scipy.special import betainc

    return float(betainc(under, over + 1, share))
