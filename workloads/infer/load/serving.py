"""Serving a run's load: a warm-up in a closed loop, and then requests as they were asked for."""

from __future__ import annotations

import time
from typing import Final

from workloads.device_clock import POLL_S
from workloads.entries.load import MULTI, OFFLINE, SCHEDULES
from workloads.infer.load.answers import Answers
from workloads.infer.load.closed_loop import ClosedLoop
from workloads.infer.load.open_loop import OpenLoop
from workloads.infer.load.queries import Queries
from workloads.infer.load.schedule import Schedule, all_at_once, scheduled_arrivals
from workloads.infer.load.settings import Load
from workloads.infer.ticket import Submit
from workloads.run import Length, Run
from workloads.wire.frames import Gauges

DURATION_S: Final = 15.0
"""How long to measure, unless the order says otherwise."""


MOST_SHAPES: Final = 64
"""Sizes of batches that are tried before measuring, evenly spread."""


class Serving:
    """The load of one run. What can be known beforehand is: arrivals are drawn, and traces read, when it is made."""

    def __init__(self, run: Run, load: Load, *, units: int = 1, shapes_vary: bool = False) -> None:
        """`units` of work a request; `shapes_vary`: whether a batch of fewer requests is of another shape.

        Raises ValueError for a trace that is none.
        """
        self._run, self._load = run, load
        self._units = units
        self._shapes_vary = shapes_vary
        self._answers = Answers(run.recorder, units=units)
        self._schedule: Schedule | None = None
        if load.kind in SCHEDULES:
            self._schedule = scheduled_arrivals(run, duration_s=DURATION_S, batch=load.most)

    def warm_up(self, submit: Submit, batches: int) -> None:
        """Whole batches, as fast as they are served; their rate says how many requests an offline load has."""
        load = self._load
        if load.kind in SCHEDULES and self._shapes_vary and batches:
            _try_each(submit, load.most)
        loop = ClosedLoop(submit, self._answers, clients=load.clients, batch=load.most)
        if load.kind != OFFLINE:
            loop.serve(Length(self._run, batches, None))
            return
        first = batches // 2  # the first ones make ready what the others use
        if first:
            loop.serve(Length(self._run, first, None))
        began = time.monotonic_ns()
        if batches:
            loop.serve(Length(self._run, batches - first, None))
        took_ns = time.monotonic_ns() - began
        rate = (batches - first) * load.most / took_ns * 1e9 if batches else None
        self._schedule = all_at_once(self._run, duration_s=DURATION_S, batch=load.most, rate=rate)

    def measure(self, submit: Submit) -> None:
        """Serve for as long as was ordered. Measuring ends with the serving, not with what is told or closed after."""
        end_ns = self._serve(submit)
        # A phase holds the instant at which it begins, and the last request ended in this one.
        self._run.phase("cooldown", at_ns=end_ns + 1)

    def _serve(self, submit: Submit) -> int:
        """Serve → when that ended."""
        run, load = self._run, self._load
        if self._schedule is not None:
            return OpenLoop(
                submit,
                self._answers,
                most=load.most,
                max_delay_ns=load.max_delay_ns,
                stopping=lambda: run.stopping,
                watch=self._watch,
            ).serve(self._schedule)
        if load.kind == MULTI:
            Queries(run.recorder, submit, samples=load.samples, most=load.most, units=self._units).serve(
                run.length(duration_s=DURATION_S)
            )
        else:
            ClosedLoop(submit, self._answers, clients=load.clients, batch=load.most).serve(
                run.length(duration_s=DURATION_S)
            )
        return time.monotonic_ns()

    def _watch(self, now_ns: int, waiting: int) -> None:
        """How many requests wait, told now and then."""
        self._run.recorder.frame(
            Gauges(at_ns=now_ns, device="worker", source="counted", readings={"queue_requests": float(waiting)})
        )


def _try_each(submit: Submit, most: int) -> None:
    """A batch of each size: the first of a shape may be prepared for, which is none of a request's latency."""
    for size in range(1, most + 1, -(-most // MOST_SHAPES)):
        ticket = submit(size)
        while not ticket.done:
            time.sleep(POLL_S)
