"""How often a device's energy counter is brought up to date: the counter stands still between two ticks.

A reading of it is of the last tick, so that an energy between two readings can be off by what the device takes in
one tick at either end.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Final

LONGEST_NS: Final = 500_000_000
"""It is looked at for no longer than this."""

TICKS: Final = 4
"""So many are enough."""


def tick_ns(count: Callable[[], float | None], clock: Callable[[], int]) -> int | None:
    """Read the counter until it has ticked a few times → the median time between two ticks.

    None where it ticked less than twice, or gave no reading. A device that idles draws enough for every tick to show.
    """
    began = now = clock()
    seen: list[int] = []
    before = count()
    while before is not None and len(seen) <= TICKS and now - began < LONGEST_NS:
        joules, now = count(), clock()
        if joules is None:
            return None
        if joules != before:
            seen.append(now)
        before = joules
    gaps = [later - earlier for earlier, later in pairwise(seen)]
    return round(median(gaps)) if gaps else None
