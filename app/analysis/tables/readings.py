"""Gauge readings → rows of the gauges table. A reading that is absent is null, never 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from app.analysis.tables.schema import GAUGE_FIELDS, GAUGE_TABLE
from workloads.wire.frames import SESSION, Gauges
from workloads.wire.gauges import GAUGES

CHUNK = 4096
BEFORE_ALL = -(1 << 62)
"""Earlier than any instant."""


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
        table = self.raw()
        if not table["run"].eq(SESSION).any():
            return table
        return table.with_columns(
            pl.when(run=SESSION).then(runs_at(lifetimes, table["at_ns"])).otherwise("run").alias("run")
        )

    def raw(self) -> pl.DataFrame:
        """All of them, with the runs that they bear."""
        self._settle()
        return pl.concat([pl.DataFrame(schema=GAUGE_TABLE), *self._chunks])

    def _settle(self) -> None:
        if self._pending:
            self._chunks.append(_chunk(self._pending))
            self._pending = []


def runs_at(lifetimes: Sequence[Lifetime], instants: pl.Series) -> pl.Series:
    """The run that was going on at each instant, or SESSION. Lifetimes are in order and do not overlap."""
    begins = pl.Series([lifetime.began_ns for lifetime in lifetimes], dtype=pl.Int64)
    ends = pl.Series([BEFORE_ALL, *(lifetime.ended_ns for lifetime in lifetimes)], dtype=pl.Int64)
    runs = pl.Series([SESSION, *(lifetime.run for lifetime in lifetimes)], dtype=pl.Int32)
    place = begins.search_sorted(instants, side="right")
    return runs.gather(place).set(instants > ends.gather(place), SESSION)


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
