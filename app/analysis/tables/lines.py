"""Frames that are a row each → rows of their table: log lines, and what happened now and then."""

from __future__ import annotations

import polars as pl

from app.analysis.tables.schema import EVENTS, LOGS, Schema
from workloads.wire.frames import Event, Log

CHUNK = 4096


class Rows:
    """Collects rows in the order of the journal."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._pending: list[tuple[int | str, ...]] = []
        self._chunks: list[pl.DataFrame] = []

    def add(self, *row: int | str) -> None:
        """The next row, in the order of the schema."""
        self._pending.append(row)
        if len(self._pending) == CHUNK:
            self._settle()

    def table(self) -> pl.DataFrame:
        """All of them."""
        self._settle()
        return pl.concat([pl.DataFrame(schema=self._schema), *self._chunks])

    def _settle(self) -> None:
        if self._pending:
            self._chunks.append(pl.DataFrame(self._pending, schema=self._schema, orient="row"))
            self._pending = []


class LogRows(Rows):
    """Log lines."""

    def __init__(self) -> None:
        super().__init__(LOGS)

    def take(self, frame: Log) -> None:
        """The next line."""
        self.add(frame.run, frame.at_ns, frame.level, frame.origin, frame.text, frame.rank)


class EventRows(Rows):
    """What happened now and then."""

    def __init__(self) -> None:
        super().__init__(EVENTS)

    def take(self, frame: Event) -> None:
        """The next event."""
        self.add(frame.run, frame.rank, frame.at_ns, frame.wall_ns, frame.kind, frame.text)
