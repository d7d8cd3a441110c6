"""Accelerators of the machine that a run had nothing to do with: what they did and took is not the run's."""

from __future__ import annotations

import polars as pl

OWN = "own_processes"


def elsewhere(gauges: pl.DataFrame) -> tuple[str, ...]:
    """Those on which a run never had a process, where the driver says so and the run had one on another.

    `gauges`: the rows of the gauges table of one run. What is not known excludes nothing.
    """
    most = gauges.group_by("device").agg(pl.col(OWN).max()).drop_nulls(OWN)
    if not (most[OWN] > 0).any():
        return ()
    return tuple(most.filter(pl.col(OWN) == 0)["device"].sort())
