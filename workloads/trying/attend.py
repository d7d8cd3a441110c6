"""Between two steps: what was asked for meanwhile is carried out, in the order in which it came."""

from __future__ import annotations

import time
from collections.abc import Callable

from workloads.entries.knobs import turned
from workloads.orders import Asked, named
from workloads.run import Length, Run
from workloads.trying.bench import Bench
from workloads.trying.experiment import experiment
from workloads.trying.profile import take_profile
from workloads.wire.commands import SetKnob, TakeProfile, Try
from workloads.wire.frames import Profile, Value


def attend(run: Run, bench: Bench, length: Length, most: int | None = None) -> str:
    """Carry out all that waits → what the next phase is to be marked with, where a knob was turned.

    `length` is that of the measuring, which stands still meanwhile. Steps of a profile are the run's own and count as
    made; `most` of them are left until something else comes.
    """
    mark = ""
    asked = run.orders.asked
    while asked and not run.stopping:
        order = asked.popleft()
        if isinstance(order, TakeProfile):
            left = [number for number in (most, length.left) if number is not None]
            made = take_profile(run, bench.make, order, min(left, default=None))
            length.done += made
            most = None if most is None else most - made
        elif isinstance(order, Try):
            experiment(run, bench, order)
        else:
            mark = _turn(run, bench, order) or mark
    return mark


def steps_of(order: Asked) -> int:
    """How many steps of the run it takes: those of a profile, and the one before them."""
    return order.steps + 1 if isinstance(order, TakeProfile) else 1


def refuse(run: Run, why_not: Callable[[Asked], str]) -> None:
    """Say of what waits why it cannot be, and forget it; what can be, of which nothing is said, waits on."""
    asked = run.orders.asked
    for _ in range(len(asked)):
        order = asked.popleft()
        why = why_not(order)
        if not why:
            asked.append(order)
        elif run.rank:
            continue  # the first rank says it
        elif isinstance(order, TakeProfile):
            run.recorder.frame(Profile(at_ns=time.monotonic_ns(), steps=0, reason=why))
        elif what := named(order):
            run.log(f"{what}: {why}", "warning")


def refuse_rest(run: Run) -> None:
    """The run is over: say of what still waits that it came too late."""
    run.orders.asked.extend(run.orders.proposed)
    refuse(run, lambda _: "the run ended first")


def turned_here(run: Run, order: SetKnob) -> Value:
    """The knob's value, checked. Raises ValueError, one line."""
    return turned(order.name, order.value, run.entry, run.parameters, device=str(run.device), ranks=run.ranks)


def _turn(run: Run, bench: Bench, order: SetKnob) -> str:
    """Change a parameter → the mark; nothing where it cannot be changed, which is told in a line."""
    try:
        value = turned_here(run, order)
        bench.turn(order.name, value)
    except ValueError as error:
        if not run.rank:  # all ranks find the same
            run.log(str(error), "warning")
        return ""
    mark = f"{order.name} = {value}"
    with run.event("knob", mark):
        run.changed({order.name: value})
    return mark
