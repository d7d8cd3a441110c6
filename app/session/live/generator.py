"""The live state of a load generator: how late it sent requests while the server could have taken them."""

from __future__ import annotations

from operator import sub
from typing import Final

from app.session.live.histogram import Histogram, counted
from app.session.live.view import LoadView
from workloads.entries.load import scheduled
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import Requests, Rollup, RunStarted

LATE_NS: Final = 1_000_000
"""p99 of the lag at which times from schedule are the generator's as well, and not the server's alone."""
FEWEST: Final = 100
"""Requests that a p99 needs: of fewer it would be the latest one alone."""


class Generator:
    """Of the requests of the measure phases of one run. Memory does not grow with their number."""

    def __init__(self) -> None:
        self._lag = Histogram()

    def add(self, frame: Requests) -> None:
        """Take a frame of requests. Raises ValueError if its columns are not sound."""
        self._lag.add(list(map(sub, unpack_integers(frame.sent_ns), unpack_integers(frame.scheduled_ns))))

    def add_rollup(self, frame: Rollup) -> None:
        """Take the sums of a stretch of time. Raises ValueError if its columns are not sound."""
        self._lag.add_counts(*counted(frame.lag))

    def view(self, started: RunStarted | None, unserved: int) -> LoadView | None:
        """As it is now; None where requests are due when answers come."""
        if not scheduled(started):
            return None
        lag = self._lag.quantiles((0.99,))[0] if self._lag.count >= FEWEST else None
        return LoadView(lag_p99=lag, late=lag is not None and lag >= LATE_NS, unserved=unserved)
