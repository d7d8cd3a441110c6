"""Arrivals: when requests are due, drawn before the run from its seed.

The gaps of a Poisson process are exponential. Burst is as the serving benchmarks have it (vLLM's `burstiness`): gaps of
a gamma distribution with that shape and a mean of 1/rate, which for shape 1 is the exponential one. What was drawn is
never stretched to end on time: that would take away the very randomness that makes queues.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from workloads.entries.load import MOST

NS: Final = 1e9
AT_ONCE: Final = 1 << 16
"""Gaps drawn at a time."""

Gaps = Callable[[int], "np.ndarray[tuple[int], np.dtype[np.float64]]"]
"""How many → that many gaps in seconds."""


def poisson_gaps(rate: float, seed: Sequence[int]) -> Gaps:
    """Exponential, of mean 1/rate seconds."""
    draw = np.random.default_rng(seed)
    return lambda count: draw.exponential(1 / rate, count)


def gamma_gaps(rate: float, burstiness: float, seed: Sequence[int]) -> Gaps:
    """Gamma of that shape, of mean 1/rate seconds; the less the shape, the more come together."""
    draw = np.random.default_rng(seed)
    return lambda count: draw.gamma(burstiness, 1 / (rate * burstiness), count)


def arrivals(gaps: Gaps, *, count: int | None, duration_s: float | None) -> array[int]:
    """Nanoseconds from the start at which requests are due, in order; the first one after a gap of its own.

    As many as `count`, or those within the duration, or both. Raises ValueError for more than MOST.
    """
    drawn: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    made, last_s = 0, 0.0
    while (count is None or made < count) and (duration_s is None or last_s < duration_s):
        if made > MOST:
            raise ValueError(f"these are more than {MOST:,} requests: set a smaller rate, or a shorter --duration")
        times = last_s + np.cumsum(gaps(AT_ONCE if count is None else min(AT_ONCE, count - made)))
        drawn.append(times)
        made, last_s = made + len(times), float(times[-1])
    times = np.concatenate(drawn)
    kept = times if duration_s is None else times[times < duration_s]
    return array("q", np.rint(kept * NS).astype(np.int64).tobytes())
