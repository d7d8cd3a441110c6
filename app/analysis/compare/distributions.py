"""The durations of two groups of runs on one axis: every run's counts on the fine grid, made into a few shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from app.analysis.compare.durations import A_DECADE, Durations
from app.session.results.comparison import Distribution

MOST, FEWEST = 120, 24
"""Parts of the axis: as many as the smaller side fills."""
TAIL: Final = 0.005
"""Left out at both ends of the axis."""
FAR: Final = 8.0
"""Ends of the axis whose ratio is beyond this are far apart: the axis is logarithmic then."""
SHARES: Final = (0.5, 0.9, 0.99)


def distribution_of(base: Sequence[Durations], other: Sequence[Durations]) -> Distribution | None:
    """None where one side has no durations, or the two are of different kinds."""
    kinds = {run.times.kind for run in (*base, *other) if run.times is not None}
    sides = [_together(base), _together(other)]
    if len(kinds) != 1 or not all(sides):
        return None
    low = min(_at(side, TAIL) for side in sides)
    high = max(_at(side, 1 - TAIL) for side in sides)
    log = high > FAR * low
    if high <= low:
        low, high = low * 0.99, high * 1.01
    parts = max(FEWEST, min(MOST, round(3 * math.sqrt(min(side[-1] for side in sides)))))
    edges = [_edge(low, high, place / parts, log=log) for place in range(parts + 1)]
    shares = [[_share(side, edge) for edge in edges] for side in sides]
    filled = [tuple(b - a for a, b in pairwise(of)) for of in shares]
    return Distribution(
        kind=kinds.pop(),
        low_ms=low / 1e6,
        high_ms=high / 1e6,
        log=log,
        base=filled[0],
        other=filled[1],
        quantiles=tuple((share, _at(sides[0], share) / 1e6, _at(sides[1], share) / 1e6) for share in SHARES),
    )


def _together(runs: Sequence[Durations]) -> list[int]:
    """How many of all runs are below each mark."""
    known = [run.below for run in runs if run.below]
    return [sum(column) for column in zip(*known, strict=True)] if known else []


def _edge(low: float, high: float, part: float, *, log: bool) -> float:
    return low * (high / low) ** part if log else low + (high - low) * part


def _share(below: Sequence[int], nanoseconds: float) -> float:
    """The share of the samples that is below this; between two marks of the grid as if spread evenly."""
    place = min(max(math.log10(max(nanoseconds, 1.0)) * A_DECADE, 0.0), len(below) - 1.0)
    first = int(place)
    last = min(first + 1, len(below) - 1)
    return (below[first] + (place - first) * (below[last] - below[first])) / (below[-1] or 1)


def _at(below: Sequence[int], share: float) -> float:
    """The duration below which this share lies, nanoseconds, within the grid's 0.6 %."""
    wanted = share * below[-1]
    place = next(place for place, count in enumerate(below) if count >= wanted)
    before = below[place - 1] if place else 0
    part = (wanted - before) / (below[place] - before) if below[place] > before else 0.0
    return float(10 ** ((max(place - 1, 0) + part) / A_DECADE))
