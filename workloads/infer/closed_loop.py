"""The closed loop of every workload that serves: clients that wait for their answers, in front of one server.

Each client has one request out and sends the next one the moment it has its answer. The server takes up to
`batch` requests that wait; once their answers are on the host, they are answered. Latency is from sending to the
answer and contains the wait for the batch before. In a closed loop a slow server slows its clients down:
throughput and latency are two sides of one number (clients = throughput × latency), and an overload cannot be
seen.

Clients and server are one thread: clients cost nothing, and no second thread disturbs the times. On CUDA
several batches may be under way; the host asks over and over whether the oldest is done, since a request is
answered when the host knows it. A request is due when it is sent.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from workloads.device_clock import RUN_AHEAD
from workloads.infer.ticket import Ticket
from workloads.recorder import Recorder
from workloads.rows import RequestRow
from workloads.run import Length

ANSWERED: Final = 0

Submit = Callable[[list[int]], Ticket]
"""When the requests of a batch were sent → the batch under way; no more than RUN_AHEAD are."""


class ClosedLoop:
    """Clients that wait for their answers, in front of one server."""

    def __init__(self, recorder: Recorder, submit: Submit, *, clients: int, batch: int, units: int = 1) -> None:
        """`units`: units of work a request."""
        self._submit = submit
        self._batch = batch
        self._units = units
        self._clients = clients
        self._record = recorder.row

    def serve(self, length: Length) -> None:
        """Every client sends at once; serve them until the length is over. Those that still wait are not recorded."""
        waiting = deque([time.monotonic_ns()] * self._clients)
        under_way: deque[Ticket] = deque()
        answered: tuple[Ticket, int] | None = None
        length.begin()
        over = length.over()
        while not over or under_way or answered:
            if waiting and len(under_way) < RUN_AHEAD and not over:
                length.done += 1
                count = min(self._batch, len(waiting))
                under_way.append(self._submit([waiting.popleft() for _ in range(count)]))
            # All else can wait until the next batch is on its way: nothing stands between an answer and it.
            if answered is not None:
                self._note(*answered)
                answered = None
            over = length.over()
            if under_way and under_way[0].done:
                ticket, now = under_way.popleft(), time.monotonic_ns()
                answered = ticket, now
                waiting.extend([now] * len(ticket.sent_ns))

    def _note(self, ticket: Ticket, now: int) -> None:
        """Record a batch that was answered at `now`, when each of its clients sends again."""
        device = ticket.device_ns
        for sent in ticket.sent_ns:
            self._record(RequestRow(sent, sent, now, now, self._units, ANSWERED, device))
