"""Queries of several samples, one after the other: MLPerf's multi-stream. One client waits for whole answers.

A query is one request; it is answered when all of its samples are. The server takes them in batches, several of
which may be under way where a query does not fit into one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection

from workloads.device_clock import RUN_AHEAD
from workloads.infer.ticket import Submit, Ticket
from workloads.recorder import Recorder
from workloads.rows import RequestRow
from workloads.run import Length
from workloads.wire.frames import ANSWERED


class Queries:
    """A client that sends its next query when it has the whole answer to the last."""

    def __init__(
        self,
        recorder: Recorder,
        submit: Submit,
        *,
        samples: int,
        most: int,
        units: int = 1,
        asked: Collection[object] = (),
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`samples` a query, of which the server takes up to `most` at once; `units` of work each.

        Where something is `asked` for meanwhile, it ends early.
        """
        self._asked = asked
        self._record, self._submit = recorder.row, submit
        self._samples, self._most, self._units = samples, most, units
        self._clock = clock

    def serve(self, length: Length) -> None:
        """Query after query until the length is over."""
        length.begin()
        asked = self._asked
        while not (length.over() or asked):
            length.done += 1
            self._query()

    def _query(self) -> None:
        clock = self._clock
        left, under_way = self._samples, deque[Ticket]()
        device_ns: int | None = 0
        first_ns: int | None = None
        sent = done_ns = clock()
        while left or under_way:
            if left and len(under_way) < RUN_AHEAD:
                count = min(self._most, left)
                under_way.append(self._submit(count))
                left -= count
            if under_way[0].done:
                done_ns = clock()
                first_ns = done_ns if first_ns is None else first_ns
                took = under_way.popleft().device_ns
                device_ns = None if took is None or device_ns is None else device_ns + took
        units = self._samples * self._units
        self._record(RequestRow(sent, sent, first_ns or done_ns, done_ns, units, ANSWERED, device_ns, None, None, sent))
