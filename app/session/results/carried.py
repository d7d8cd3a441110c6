"""How many samples a percentile needs before it is a number. Pure, so that screens can ask too.

Few samples say nothing of a tail: the 99.9th percentile of 200 requests lies between the two slowest, wherever those
happen to be. MLPerf's early stopping (mlcommons/inference, loadgen/early_stopping.cc) asks for as many samples as make
it 99 % sure that a percentile is not above some sample that was seen, other than the slowest: 64 for the 90th, 662 for
the 99th.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

CONFIDENCE: Final = 0.99
MEDIAN: Final = 0.5
"""The middle of a sample is a fact about it, however small: it is always shown."""


@cache
def needed(share: float) -> int:
    """Samples that the percentile needs; `share` is above 0 and below 1.

    The least n of which at most one beyond the percentile is unlikely: share^n + n (1 − share) share^(n − 1) below
    1 − CONFIDENCE.
    """
    least, most = 1, 2
    while _at_most_one_beyond(most, share) >= 1 - CONFIDENCE:
        least, most = most, 2 * most
    while most - least > 1:
        middle = (least + most) // 2
        if _at_most_one_beyond(middle, share) < 1 - CONFIDENCE:
            most = middle
        else:
            least = middle
    return most


def carries(count: int, share: float) -> bool:
    """Whether so many samples carry the percentile as a number."""
    return share <= MEDIAN or count >= needed(share)


def _at_most_one_beyond(count: int, share: float) -> float:
    """The chance of it: binomial."""
    return math.exp((count - 1) * math.log(share)) * (share + count * (1 - share))
