"""Gauge readings → rows of the gauges table. A reading that is absent is null, never 0."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from app.analysis.schema import GAUGE_FIELDS, GAUGE_TABLE
from workloads.wire.frames import SESSION, Gauges
from workloads.wire.gauges import GAUGES

CHUNK = 4096


class Lifetime(NamedTuple):
    """When a run was going on, nanoseconds of the host's clock."""

    run: int
    began_ns: int
    ended_ns: int


class GaugeRows:
    """Collects readings in the order of the journal; frames are turned into columns a chunk at a time."""

    def __init__(self) -> None:
        self._pending: list[Gauges] = []
        self._chunks: list[pl.DataFrame] = []

    def take(self, frame: Gauges) -> None:
        """The next readings."""
        self._pending.append(frame)
        if len(self._pending) == CHUNK:
            self._settle()

    def table(self, lifetimes: Sequence[Lifetime]) -> pl.DataFrame:
        """All of them. A reading without a run gets the run that was going on at its instant."""
        self._settle()
        table = pl.concat([pl.DataFrame(schema=GAUGE_TABLE), *self._chunks])
        if not table["run"].eq(SESSION).any():
            return table
        at = pl.Series([run_at(lifetimes, at_ns) for at_ns in table["at_ns"]], dtype=pl.Int32)
        return table.with_columns(pl.when(run=SESSION).then(at).otherwise("run").alias("run"))

    def _settle(self) -> None:
        if self._pending:
            self._chunks.append(_chunk(self._pending))
            self._pending = []


def run_at(lifetimes: Sequence[Lifetime], at_ns: int) -> int:
    """The run that was going on at an instant, or SESSION. Lifetimes are in order and do not overlap."""
    place = bisect_right(lifetimes, at_ns, key=lambda lifetime: lifetime.began_ns) - 1
    if place < 0 or at_ns > lifetimes[place].ended_ns:
        return SESSION
    return lifetimes[place].run


def _chunk(frames: Sequence[Gauges]) -> pl.DataFrame:
    rows = [
        (
            frame.run,
            frame.at_ns,
            frame.device,
            frame.source,
            frame.core_percent or None,
            None if frame.processes is None else len(frame.processes),
        )
        for frame in frames
    ]
    fields = pl.DataFrame(rows, schema=GAUGE_FIELDS, orient="row")
    names = set().union(*(frame.readings for frame in frames))
    readings = [
        pl.Series(name, [frame.readings.get(name) for frame in frames], dtype=pl.Float64)
        if name in names
        else pl.lit(None, dtype=pl.Float64).alias(name)
        for name in GAUGES
    ]
    return fields.with_columns(readings)
