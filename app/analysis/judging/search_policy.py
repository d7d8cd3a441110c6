"""Which rate a search tries next: the highest Poisson rate that meets the objective is looked for. Pure.

It is assumed that a rate below one that meets the objective meets it as well: the load is one process that is only
made denser, and a queue that is fuller is slower. Chance can hide that near the border, so both ends of the
final bracket are tried twice, with other arrivals, and a third time where the two differ; the majority counts.

From the first rate on it doubles until a rate fails, or halves until one meets, then bisects: the next rate is the
geometric mean of the highest that meets and the lowest that does not, until they are within the resolution of each
other. Thirty-five steps of 2 % make a factor of two, so six tries bisect it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from app.session.results.bracket import Try, bracket, votes

HIGHEST = 1e6
"""No workload takes a higher rate, requests a second."""
LOWEST_OF_FIRST = 2.0**-20
"""A rate this far below the first is not tried: the objective cannot be met at any rate."""
DIGITS = 4
"""Significant ones of a rate: nobody asks for 412.3187 requests a second."""
NEEDED = 2
"""Tries at each end of the final bracket that say the same."""


class Next(msgspec.Struct, frozen=True):
    """The rate to try next."""

    rate: float
    why: Literal["first", "double", "halve", "bisect", "confirm"]


class Found(msgspec.Struct, frozen=True):
    """The search is over."""

    rate: float | None
    """The highest that met the objective. None: none of those that were tried did."""
    fails_at: float | None
    """The lowest above it that did not. None: all that were tried met it."""
    settled: bool
    """Whether the two are within the resolution, and confirmed; else the tries were used up before that."""


def next_step(tries: Sequence[Try], *, first: float, most: int, resolution: float) -> Next | Found:
    """`tries` so far, in order; `most` that may be made in all; `resolution`: 0.02 is 2 %."""
    meets, fails = bracket(tries)
    if fails is not None and fails <= first * LOWEST_OF_FIRST:
        return Found(rate=None, fails_at=fails, settled=True)
    step = _step(tries, meets, fails, first, resolution)
    if step is None or len(tries) >= most:
        return Found(rate=meets, fails_at=fails, settled=step is None)
    return step


def _step(
    tries: Sequence[Try], meets: float | None, fails: float | None, first: float, resolution: float
) -> Next | None:
    """None: the bracket is narrow, and both of its ends are confirmed; or the highest rate that there is was met."""
    if fails is None:
        return _upward(meets, first)
    if _divided(tries, fails):
        return Next(fails, "confirm")  # else it would be searched below a rate of which nothing is known
    if meets is None:
        return Next(_rounded(fails / 2), "halve")
    middle = _rounded((meets * fails) ** 0.5)
    if fails > meets * (1 + resolution) and meets < middle < fails:
        return Next(middle, "bisect")
    for rate in (meets, fails):
        if not _confirmed(tries, rate):
            return Next(rate, "confirm")
    return None


def _upward(meets: float | None, first: float) -> Next | None:
    """Nothing failed yet."""
    if meets is None:
        return Next(_rounded(min(first, HIGHEST)), "first")
    return Next(min(_rounded(meets * 2), HIGHEST), "double") if meets < HIGHEST else None


def _confirmed(tries: Sequence[Try], rate: float) -> bool:
    return max(votes(tries, rate)) >= NEEDED


def _divided(tries: Sequence[Try], rate: float) -> bool:
    """Whether as many tries met the objective as did not."""
    good, bad = votes(tries, rate)
    return good == bad


def _rounded(rate: float) -> float:
    return float(f"{rate:.{DIGITS}g}")
