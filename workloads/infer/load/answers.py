"""Answers: what is told of each request once it is known what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from workloads.infer.load.queue import Request
from workloads.infer.ticket import Ticket
from workloads.recorder import Recorder
from workloads.rows import RequestRow
from workloads.wire.frames import ANSWERED, UNSERVED


class Answers:
    """Records requests, about a microsecond each: thousands a second are told of between two batches."""

    def __init__(self, recorder: Recorder, *, units: int = 1) -> None:
        """`units`: units of work a request."""
        self._recorder = recorder
        self._record = recorder.row
        self._units = units

    def note(self, requests: Sequence[Request], ticket: Ticket, started_ns: int, now_ns: int) -> None:
        """A batch was started at `started_ns`, and was seen to be answered at `now_ns`."""
        record, units, device, told = self._record, self._units, ticket.device_ns, ticket.told
        first, done, tokens, gaps = now_ns, now_ns, None, None
        if told is not None:
            first, done, tokens, gaps = told.first_ns, told.done_ns, told.tokens, told.gaps
        for due, sent in requests:
            record(RequestRow(due, sent, first, done, units, ANSWERED, device, tokens, gaps, started_ns))

    def never_served(self, requests: Sequence[Request], end_ns: int) -> None:
        """Measuring ended before these were served. There may be more of them than are sent at once."""
        for due, sent in requests:
            self._recorder.late_row(RequestRow(due, sent, end_ns, end_ns, self._units, UNSERVED))
