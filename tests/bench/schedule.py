"""MLPerf's Server schedule, as LoadGen draws it from its seed, and what a queue does with it, by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Nanoseconds = npt.NDArray[np.int64]


def server_schedule(seed: int, rate: float, count: int) -> Nanoseconds:
    """Due times in nanoseconds from the first, which is 0: `count` of them, at `rate` a second.

    As mlcommons/inference has it (loadgen/loadgen.cc, `ScheduleDistribution<Server>`): gaps of
    `std::exponential_distribution` over `std::mt19937`, cut to whole nanoseconds. In GNU's library such a draw takes
    two numbers of 32 bits, the lower half first.
    """
    words = np.frombuffer(np.random.RandomState(seed).bytes(8 * (count - 1)), "<u4").astype(np.float64)
    uniform = (words[0::2] + words[1::2] * 2.0**32) / 2.0**64
    gaps = (-np.log1p(-uniform) / rate * 1e9).astype(np.int64)
    return np.concatenate(([0], np.cumsum(gaps)))


def lindley(due_ns: Nanoseconds, service_ns: int) -> Nanoseconds:
    """Latency of each request from its due time, where one after the other takes just that long (Lindley, 1952)."""
    wait, latencies = 0, []
    for gap in np.diff(due_ns, append=due_ns[-1]):
        latencies.append(wait + service_ns)
        wait = max(0, wait + service_ns - int(gap))
    return np.array(latencies)
