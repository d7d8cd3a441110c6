"""The open loop: requests come when they are due, however the server is doing, wait in a queue, and are served.

The load generator is virtual and in the server's own thread: due times are known beforehand, so nobody has to wake up
in time, and no second thread disturbs the first. A request is sent when the loop looks and finds it due. While the
server works on a batch the loop cannot look, and nothing could have been taken: what becomes due then counts as sent
when it was due. So sent − due is the generator's lag where the server was free, and nothing else.

An idle loop sleeps until shortly before the next request is due and then asks the clock over and over, since a sleep
may end a fraction of a millisecond late. On CUDA two batches may be under way, and the loop asks for the older one;
the service time of a batch then contains what lay before it in the device's queue.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from workloads.infer.load.answers import Answers
from workloads.infer.load.queue import Queue, Request
from workloads.infer.load.schedule import Schedule
from workloads.infer.ticket import Submit, Ticket

SPIN_NS: Final = 200_000
"""How long before the next request the sleep ends."""
NAP_NS: Final = 50_000_000
"""Longest sleep: a wish to stop is seen between two."""
AHEAD: Final = 2
"""Batches that may be under way: one that is served and one behind it, so that the device need not wait for the host.

With more, small batches would be on their way that could have become one while the device was busy.
"""
WATCH_NS: Final = 250_000_000
"""Between two words about the queue."""


@dataclass(frozen=True)
class _Flight:
    """A batch under way."""

    requests: list[Request]
    ticket: Ticket
    started_ns: int


class OpenLoop:
    """A schedule of requests, in front of one server."""

    def __init__(
        self,
        submit: Submit,
        answers: Answers,
        *,
        most: int,
        max_delay_ns: int = 0,
        stopping: Callable[[], bool] = lambda: False,
        watch: Callable[[int, int], None] = lambda _now_ns, _waiting: None,
        clock: Callable[[], int] = time.monotonic_ns,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`watch` is told now and then what time it is and how many requests wait."""
        self._submit, self._answers = submit, answers
        self._most, self._max_delay_ns = most, max_delay_ns
        self._stopping, self._watch = stopping, watch
        self._clock, self._pause = clock, pause

    def serve(self, schedule: Schedule) -> int:
        """Until all are served, the limit is reached or the run is stopped → when that was.

        What is left over is told as that, which may take a while.
        """
        clock, begin = self._clock, self._clock()
        queue = Queue(schedule.due_ns, begin, most=self._most, max_delay_ns=self._max_delay_ns)
        under_way: deque[_Flight] = deque()
        answered: tuple[_Flight, int] | None = None
        end, limit, busy_until, watched = begin + schedule.span_ns, begin + schedule.limit_ns, begin - 1, begin
        while True:
            now = clock()
            queue.look(now, busy_until)
            if now >= watched:
                self._watch(now, len(queue))
                watched = now + WATCH_NS
            going = now < limit and not self._stopping()
            if going and len(under_way) < AHEAD and queue.ready(now):
                requests = queue.take()
                under_way.append(_Flight(requests, self._submit(len(requests)), now))
                busy_until = clock()
            # Seen before anything else is done: the time of an answer has nothing of benchtop's own work in it.
            done = (under_way.popleft(), clock()) if under_way and under_way[0].ticket.done else None
            if answered is not None:
                self._note(*answered)
            answered = done
            if done is not None or under_way:
                continue
            if not going or (queue.over and now >= end):
                break
            if not queue.ready(now):
                self._idle(end if queue.over else queue.next_ns)
        now = clock()
        self._answers.never_served(queue.take_all(), now)
        return now

    def _note(self, flight: _Flight, now_ns: int) -> None:
        if flight.ticket.given_up:
            self._answers.never_served(flight.requests, now_ns)
        else:
            self._answers.note(flight.requests, flight.ticket, flight.started_ns, now_ns)

    def _idle(self, until_ns: int) -> None:
        """Sleep until shortly before."""
        left = until_ns - self._clock()
        if left > SPIN_NS:
            self._pause(min(left - SPIN_NS, NAP_NS) / 1e9)
