"""From when on a queue counts as growing without bound, for what is told of a run and what is said while it runs."""

from __future__ import annotations

from typing import Final

GROWTH: Final = 1.1
"""The mean time in the queue in the last quarter of the schedule, of that in the third."""
BY_CHANCE: Final = 1.5
"""Standard deviations of the number of arrivals, √n of n Poisson arrivals: a queue may get so long by chance."""
FEWEST: Final = 100
"""Requests; of fewer, a long queue is chance."""
