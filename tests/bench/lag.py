"""How late the load generator is: 10,000 requests a second to a model that does nothing, in a real worker."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tests.bench.row import Row
from tests.workloads.process import start, talk

RATE = 10_000.0
SECONDS = 20.0
FLOOR_MS = 0.5


def measure(home: Path) -> Row:
    """p99 of sent − due, of every request; frames are read and decoded on the other core meanwhile."""
    order = start("test/noop", home, load="poisson", rate=RATE, duration_s=SECONDS)
    told = talk(order, command=(sys.executable, "-m", "tests.bench.noop"))
    due, sent, done = (np.array(told.column(f"{name}_ns")) for name in ("scheduled", "sent", "done"))
    lags, latencies = (sent - due) / 1e6, (done - due) / 1e6
    p50, p99 = np.percentile(lags, (50, 99))
    return Row(
        what="load generator's lag (sent − due) at 10,000 requests a second, a model that does nothing, p99",
        measured=f"{p99:.3f} ms (p50 {p50:.3f}, max {lags.max():.2f}; latency p99 {np.percentile(latencies, 99):.3f})",
        floor=f"at most {FLOOR_MS} ms",
        reached=bool(p99 <= FLOOR_MS) and told.done.dropped == 0 and len(due) > 0.95 * RATE * SECONDS,
        how=f"Poisson for {SECONDS:.0f} s, {len(due):,} requests, none dropped",
    )
