"""Sweeps: settings with several values → one set of parameters for each combination of them.

`batch=16,32` and `precision=float32,bfloat16` make four. Which texts with commas are one value all the same is the
parameter's to say: paths, free texts and lists such as `sizes_mib=1,16`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

from workloads.catalog import WorkloadEntry, parse_sweeps
from workloads.wire.frames import Value

MOST = 1_000
"""Combinations of one workload; more are a slip of the hand."""


def combinations(entry: WorkloadEntry, settings: Mapping[str, str]) -> list[dict[str, Value]]:
    """Every combination, the last setting changing fastest; one where nothing is swept. Raises ValueError."""
    sweeps = parse_sweeps(entry, settings)
    count = math.prod(map(len, sweeps.values()))
    if count > MOST:
        raise ValueError(f"--set: these sweeps of {entry.name} are {count:,} combinations; at most {MOST:,}")
    return [dict(zip(sweeps, values, strict=True)) for values in product(*sweeps.values())]
