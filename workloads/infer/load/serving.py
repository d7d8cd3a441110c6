"""Serving a run's load: a warm-up in a closed loop, and then requests as they were asked for."""

from __future__ import annotations

import time
from typing import Final

from workloads.device_clock import POLL_S
from workloads.entries.load import OFFLINE, SCHEDULES
from workloads.infer.load.answers import Answers
from workloads.infer.load.closed_loop import ClosedLoop
from workloads.infer.load.open_loop import OpenLoop
from workloads.infer.load.schedule import Schedule, all_at_once, arrivals_anew, scheduled_arrivals
from workloads.infer.load.settings import Load
from workloads.infer.load.trials import Build, Served
from workloads.infer.ticket import Submit
from workloads.orders import Asked
from workloads.run import Length, Run
from workloads.trying.attend import attend, refuse, turned_here
from workloads.wire.commands import SetKnob
from workloads.wire.frames import Gauges

DURATION_S: Final = 15.0
"""How long to measure, unless the order says otherwise."""


MOST_SHAPES: Final = 64
"""Sizes of batches that are tried before measuring, evenly spread."""


class Serving:
    """The load of one run. What can be known beforehand is: arrivals are drawn, and traces read, when it is made."""

    def __init__(self, run: Run, load: Load, *, units: int = 1, shapes_vary: bool = False, prefetched: int = 0) -> None:
        """`units` of work a request; `shapes_vary`: whether a batch of fewer requests is of another shape.

        `prefetched`: batches that other processes may have ready. Raises ValueError for a trace that is none.
        """
        self._run, self._load = run, load
        self._shapes_vary = shapes_vary
        self._answers = Answers(run.recorder, units=units)
        self._served = Served(run, load, self._answers, units=units, prefetched=prefetched)
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

    def measure(self, submit: Submit, build: Build | None = None) -> None:
        """Serve for as long as was ordered. Measuring ends with the serving, not with what is told or closed after.

        `build` makes other servers beside this one, for what is tried meanwhile.
        """
        served = self._served
        served.submit, served.build = submit, build
        with served.opened:
            end_ns = self._serve() if self._schedule is None else self._serve_schedule(self._schedule)
            # A phase holds the instant at which it begins, and the last request ended in this one.
            self._run.phase("cooldown", at_ns=end_ns + 1)

    def _serve(self) -> int:
        """Requests that come when answers do → when that ended."""
        run, asked = self._run, self._run.orders.asked
        length = run.length(duration_s=DURATION_S)
        while True:
            self._served.make(length, asked)
            end_ns = time.monotonic_ns()
            if length.over():
                return end_ns
            length.pause()
            mark = attend(run, self._served, length)
            if run.stopping or length.left == 0:
                return time.monotonic_ns()
            run.phase("measure", mark or None)

    def _serve_schedule(self, schedule: Schedule) -> int:
        """Requests that are due whatever happens → when that ended. A knob begins another schedule, of what is left."""
        run, served = self._run, self._served
        while True:
            began_ns = time.monotonic_ns()
            assert served.submit is not None
            end_ns = OpenLoop(
                served.submit,
                self._answers,
                most=served.load.most,
                max_delay_ns=served.load.max_delay_ns,
                stopping=lambda: run.stopping or self._knob_waits(),
                watch=self._watch,
            ).serve(schedule)
            left_ns = schedule.span_ns - (end_ns - began_ns)
            if run.stopping or left_ns <= 0 or not run.orders.asked:
                return end_ns
            mark = attend(run, served, Length(run, None, None))
            run.phase("measure", mark or None)
            schedule = arrivals_anew(run, left_ns)

    def _knob_waits(self) -> bool:
        """Whether a knob is to be turned. All else that waits is refused: requests would be late for it."""
        if not self._run.orders.asked:
            return False
        refuse(self._run, self._why_not)
        return bool(self._run.orders.asked)

    def _why_not(self, order: Asked) -> str:
        if not isinstance(order, SetKnob):
            return f"this needs requests that come when answers do, load=closed, and the load is {self._load.kind}"
        try:
            turned_here(self._run, order)
        except ValueError as error:
            return str(error)
        return ""

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
