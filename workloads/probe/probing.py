"""The loop of every probe: the same piece of work, over and over, with the device never idle.

A probe that measures several things does so case by case: each is built, warmed up and measured, and what it
was built of goes before the next one comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal, NamedTuple

from workloads.run import Length, Run
from workloads.timing import StepClock, steady, step_clock
from workloads.trying.arithmetic import computing_in
from workloads.trying.attend import attend
from workloads.trying.bench import Sides
from workloads.wire.frames import Value

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


def probe(
    run: Run, step: Step, *, units: int, duration_s: float, in_precision: Callable[[str], Step] | None = None
) -> None:
    """Warm up, then measure `step`, which is `units` units of work, for `duration_s` unless ordered otherwise.

    `in_precision` makes the same step with numbers of another precision.
    """
    clock = step_clock(run.device, run.recorder)
    probing = _Probing(run, clock, step, units, in_precision)
    with steady():
        run.phase("warmup")
        probing.warm_up()
        probing.measure(run.length(duration_s=duration_s), lambda: run.phase("measure"))


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
            probing = _Probing(run, clock, case.build(), case.units)
            begin_case(run, "warmup", case)
            probing.warm_up()
            length = run.length(steps=steps, duration_s=duration_s, cases=len(cases))
            probing.measure(length, lambda case=case: begin_case(run, "measure", case))  # type: ignore[misc]
            del probing


def begin_case(run: Run, phase: Literal["warmup", "measure"], case: Case) -> None:
    """A phase of a case begins."""
    run.phase(phase, case=case.name, flops_per_unit=case.flops_per_unit, bytes_per_unit=case.bytes_per_unit)


def one_step(clock: StepClock, step: Step, units: int) -> None:
    """Time a step."""
    clock.open()
    clock.start()
    step()
    clock.close(units)


class _Probing:
    """One piece of work, over and over."""

    def __init__(
        self,
        run: Run,
        clock: StepClock,
        step: Step,
        units: int,
        in_precision: Callable[[str], Step] | None = None,
    ) -> None:
        self._run, self._clock, self._step, self._units = run, clock, step, units
        self._in_precision = in_precision

    def warm_up(self) -> None:
        """As ordered, else until it is as it will be."""
        run = self._run
        self.make(Length(run, run.warmup_steps(WARMUP), None if run.order.warmup else WARMUP_S))

    def measure(self, length: Length, begin: Callable[[], None]) -> None:
        """Over and over for that length; `begin` begins its phase, once more behind whatever was done meanwhile."""
        clock, asked = self._clock, self._run.orders.asked
        begin()
        clock.begin()
        length.begin()
        while not length.over():
            if asked:
                clock.drain()
                length.pause()
                attend(self._run, self, length)
                begin()
                clock.begin()
                length.begin()
                continue
            length.done += 1
            one_step(clock, self._step, self._units)
        clock.drain()

    def make(self, length: Length) -> None:
        """Over and over for that length."""
        self._make(self._step, length)

    @contextmanager
    def sides(self, experiment: str) -> Iterator[Sides]:
        """The same work in another precision, which is the process's as long as it is done."""
        assert self._in_precision is not None
        step = self._in_precision(experiment)
        yield Sides(self.make, computing_in(self._run, experiment, lambda length: self._make(step, length)))

    def turn(self, name: str, value: Value) -> None:
        """A probe has no knobs."""
        raise ValueError(f"{name}={value}: a probe has no knobs")

    def _make(self, step: Step, length: Length) -> None:
        self._clock.begin()
        length.begin()
        while not length.over():
            length.done += 1
            one_step(self._clock, step, self._units)
        self._clock.drain()
