"""The table of gauges → frames of readings, as a sampler would have sent them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

import polars as pl

from workloads.wire.frames import Gauges, GpuProcess, Source
from workloads.wire.gauges import GAUGES

MOST_PROCESSES = 4096
"""On one device; no more are told of."""
_FIELDS = ("run", "at_ns", "device", "source", "core_percent", "processes")


def gauge_frames(table: pl.DataFrame, absent: Mapping[str, Mapping[str, str]]) -> Iterator[Gauges]:
    """Readings in the order of time. The first frame of a device says why it never gave some of them."""
    names = [name for name in GAUGES if table[name].null_count() < len(table)]
    reasons = {device: dict(why) for device, why in absent.items()}
    known = table.filter(pl.col("source").is_in(get_args(Source)))  # a reader would take another for damage
    rows = known.sort("at_ns", maintain_order=True).select(*_FIELDS, *names)
    for run, at_ns, device, source, cores, processes, *values in rows.iter_rows():
        yield Gauges(
            run=run,
            at_ns=at_ns,
            device=device,
            source=source,
            readings={name: value for name, value in zip(names, values, strict=True) if value is not None},
            absent=reasons.pop(device, {}),
            core_percent=tuple(cores or ()),
            # Which processes they were is not kept, only how many.
            processes=None if processes is None else (GpuProcess(0),) * min(processes, MOST_PROCESSES),
        )
