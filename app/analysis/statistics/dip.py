"""Hartigan's dip: how far a sample is from having one mode.

The dip is the largest distance between the empirical distribution and the unimodal distribution that is nearest to it
(Hartigan and Hartigan 1985, "The Dip Test of Unimodality", The Annals of Statistics 13:1). A unimodal distribution
function is convex up to its mode and concave from there: so the greatest convex minorant and the least concave majorant
of the steps are taken, the place where they are farthest apart is made the modal interval, and so on within it, until
what the parts beside the interval are off exceeds what is left inside.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

LEAST: Final = 6
"""Values below which no sample looks as if it had two modes."""

CRITICAL: Final = {
    6: 0.165, 7: 0.160, 8: 0.154, 9: 0.147, 10: 0.140, 15: 0.119, 20: 0.105, 30: 0.088, 50: 0.070, 100: 0.051,
}  # fmt: skip
"""By sample size, the dip that 5 % of uniform samples exceed; of one mode, that shape is the hardest to tell."""

_Knots = list[tuple[float, float]]


def has_two_modes(values: Sequence[float]) -> bool:
    """Whether the dip is larger than that of 95 % of samples of one mode."""
    n = len(values)
    return n >= LEAST and dip(values) > critical(n)


def critical(n: int) -> float:
    """Between and beyond the sizes of the table the dip goes with 1 / √n, as in the article."""
    sizes = sorted(CRITICAL)
    scaled = [CRITICAL[size] * math.sqrt(size) for size in sizes]
    above = bisect_left(sizes, n)
    if above == len(sizes):
        return scaled[-1] / math.sqrt(n)
    if sizes[above] == n:
        return CRITICAL[n]
    part = (n - sizes[above - 1]) / (sizes[above] - sizes[above - 1])
    return (scaled[above - 1] + part * (scaled[above] - scaled[above - 1])) / math.sqrt(n)


def dip(values: Sequence[float]) -> float:
    """Of at least one value: from 1 / 2n, which is one mode, to 1/4."""
    in_order = sorted(values)
    n = len(in_order)
    places = sorted({*in_order})
    # The steps of the empirical distribution, counted: below and at each value.
    below = [float(bisect_left(in_order, place)) for place in places]
    above = [float(bisect_right(in_order, place)) for place in places]
    low, high = 0, len(places) - 1
    twice = 1.0
    while low < high:
        inside = range(low, high + 1)
        convex = _hull([(places[i], below[i]) for i in inside], 1)
        concave = _hull([(places[i], above[i]) for i in inside], -1)
        gap, left, right = _farthest(convex, concave)
        if gap <= twice:
            break
        aside = [above[i] - _at(convex, places[i]) for i in inside if places[i] < left]
        aside += [_at(concave, places[i]) - below[i] for i in inside if places[i] > right]
        twice = max(twice, *aside)
        inner = bisect_left(places, left), bisect_left(places, right)
        if inner == (low, high):
            break
        low, high = inner
    return twice / (2 * n)


def _farthest(convex: _Knots, concave: _Knots) -> tuple[float, float, float]:
    """The largest gap between the two, at a knot of either, and the modal interval that it makes: left and right."""
    lefts, rights = [x for x, _ in convex], [x for x, _ in concave]
    gaps = [(_at(concave, x) - y, x, rights[bisect_left(rights, x)]) for x, y in convex]
    gaps += [(y - _at(convex, x), lefts[bisect_right(lefts, x) - 1], x) for x, y in concave]
    return max(gaps, key=lambda each: each[0])


def _hull(points: _Knots, sign: int) -> _Knots:
    """Of points from left to right: 1 the greatest convex minorant, −1 the least concave majorant."""
    knots: _Knots = []
    for x, y in points:
        while len(knots) > 1 and sign * _turn(knots[-2], knots[-1], (x, y)) <= 0:
            knots.pop()
        knots.append((x, y))
    return knots


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _at(knots: _Knots, x: float) -> float:
    """Linear between knots."""
    for (x0, y0), (x1, y1) in pairwise(knots):
        if x0 <= x <= x1:
            return y0 + (x - x0) / (x1 - x0) * (y1 - y0)
    return knots[0][1]
