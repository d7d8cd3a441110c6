"""The loop of every probe: the same piece of work, over and over, with the device never idle.

A probe that measures several things does so case by case: each is built, warmed up and measured, and what it
was built of goes before the next one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from workloads.run import Length, Run
from workloads.timing import StepClock, steady, step_clock

WARMUP: Final = 5
"""Steps before measuring, unless the order says otherwise: the first of them makes handles and takes memory."""
WARMUP_S: Final = 2.0
"""Seconds after which the warm-up ends all the same, unless the order says how many steps it has."""

Step = Callable[[], None]


class Case(NamedTuple):
    """One of the things that a probe measures."""

    name: str
    """As a person reads it: `pinned, to device, 64 MiB`."""
    build: Callable[[], Step]
    """Makes the inputs, and gives what a step does."""
    units: int
    """Units of work a step."""
    flops_per_unit: float | None = None
    bytes_per_unit: float | None = None


def probe(run: Run, step: Step, *, units: int, duration_s: float) -> None:
    """Warm up, then measure `step`, which is `units` units of work, for `duration_s` unless ordered otherwise."""
    clock = step_clock(run.device, run.recorder)
    with steady():
        run.phase("warmup")
        _warm_up(run, clock, step, units)
        run.phase("measure")
        _measure(clock, step, units, run.length(duration_s=duration_s))


def probe_cases(run: Run, cases: Sequence[Case], *, duration_s: float | None = None, steps: int | None = None) -> None:
    """Measure one case after the other, each for its share of `duration_s` or for `steps`, unless ordered otherwise."""
    clock = step_clock(run.device, run.recorder)
    with steady():
        for number, case in enumerate(cases):
            if number:
                # The case before is over, and building the next one is no part of it.
                run.phase("cooldown")
            if run.stopping:
                return
            step = case.build()
            begin_case(run, "warmup", case)
            _warm_up(run, clock, step, case.units)
            begin_case(run, "measure", case)
            _measure(clock, step, case.units, run.length(steps=steps, duration_s=duration_s, cases=len(cases)))
            del step


def begin_case(run: Run, phase: Literal["warmup", "measure"], case: Case) -> None:
    """A phase of a case begins."""
    run.phase(phase, case=case.name, flops_per_unit=case.flops_per_unit, bytes_per_unit=case.bytes_per_unit)


def one_step(clock: StepClock, step: Step, units: int) -> None:
    """Time a step."""
    clock.open()
    clock.start()
    step()
    clock.close(units)


def _warm_up(run: Run, clock: StepClock, step: Step, units: int) -> None:
    _measure(clock, step, units, Length(run, run.warmup_steps(WARMUP), None if run.order.warmup else WARMUP_S))


def _measure(clock: StepClock, step: Step, units: int, length: Length) -> None:
    clock.begin()
    length.begin()
    while not length.over():
        length.done += 1
        one_step(clock, step, units)
    clock.drain()
