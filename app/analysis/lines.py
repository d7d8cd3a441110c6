"""Log frames → rows of the logs table."""

from __future__ import annotations

import polars as pl

from app.analysis.schema import LOGS
from workloads.wire.frames import Log

CHUNK = 4096


class LogRows:
    """Collects lines in the order of the journal."""

    def __init__(self) -> None:
        self._pending: list[tuple[int, int, str, str, str, int]] = []
        self._chunks: list[pl.DataFrame] = []

    def take(self, frame: Log) -> None:
        """The next line."""
        self._pending.append((frame.run, frame.at_ns, frame.level, frame.origin, frame.text, frame.rank))
        if len(self._pending) == CHUNK:
            self._settle()

    def table(self) -> pl.DataFrame:
        """All of them."""
        self._settle()
        return pl.concat([pl.DataFrame(schema=LOGS), *self._chunks])

    def _settle(self) -> None:
        if self._pending:
            self._chunks.append(pl.DataFrame(self._pending, schema=LOGS, orient="row"))
            self._pending = []
