"""The y axis: limits that read well and stay where they are, so that a chart does not breathe.

An axis grows at once when a number does not fit, and shrinks only when it is far too large. It is
passed in and out: nothing is remembered here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)
ROOM = 1.05
"""An axis that has to change leaves this much above the largest number."""
SMALLEST = 1e-300
"""Below it there is no telling numbers from nothing, and their powers of ten run out."""
TOO_LARGE = 3.0
"""An axis shrinks when it is this many times what would do."""


def nice_limit(largest: float) -> float:
    """The next round number that is not below `largest`; 1 for nothing."""
    if largest < SMALLEST or not math.isfinite(largest):
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next((step * power for step in STEPS if step * power >= largest), 10 * power)


def next_limit(limit: float | None, values: Iterable[float | None], most: float | None = None) -> float:
    """The axis that was, or None, and the numbers on it → the axis that is to be drawn.

    `most`: larger numbers do not count where there is any other.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    usual = known if most is None else [value for value in known if value <= most]
    largest = max(usual or known, default=0.0)
    wanted = nice_limit(largest * ROOM)
    if limit is None or largest > limit or limit > TOO_LARGE * wanted:
        return wanted
    return limit
