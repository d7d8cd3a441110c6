"""The closed loop: clients that wait for their answers, in front of one server. One client alone is a single stream.

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
from collections.abc import Collection

from workloads.device_clock import RUN_AHEAD
from workloads.infer.load.answers import Answers
from workloads.infer.load.queue import Request
from workloads.infer.ticket import Submit, Ticket
from workloads.run import Length


class ClosedLoop:
    """Clients that wait for their answers, in front of one server."""

    def __init__(
        self, submit: Submit, answers: Answers, *, clients: int, batch: int, asked: Collection[object] = ()
    ) -> None:
        """Where something is `asked` for meanwhile, the loop ends early, with what is under way answered."""
        self._asked = asked
        self._submit = submit
        self._answers = answers
        self._batch = batch
        self._clients = clients

    def serve(self, length: Length) -> None:
        """Every client sends at once; serve them until the length is over. Those that still wait are not recorded."""
        began = time.monotonic_ns()
        waiting: deque[Request] = deque([(began, began)] * self._clients)
        under_way: deque[tuple[list[Request], Ticket, int]] = deque()
        answered: tuple[list[Request], Ticket, int, int] | None = None
        length.begin()
        asked = self._asked
        over = length.over() or bool(asked)
        while not over or under_way or answered:
            if waiting and len(under_way) < RUN_AHEAD and not over:
                length.done += 1
                count = min(self._batch, len(waiting))
                requests, started = [waiting.popleft() for _ in range(count)], time.monotonic_ns()
                under_way.append((requests, self._submit(count), started))
            # All else can wait until the next batch is on its way: nothing stands between an answer and it.
            if answered is not None:
                self._answers.note(*answered)
                answered = None
            over = length.over() or bool(asked)
            if under_way and under_way[0][1].done:
                (requests, ticket, started), now = under_way.popleft(), time.monotonic_ns()
                if not ticket.given_up:
                    answered = requests, ticket, started, now
                waiting.extend([(now, now)] * len(requests))
