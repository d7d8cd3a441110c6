"""Between two steps: what was asked for meanwhile is carried out, in the order in which it came."""

from __future__ import annotations

from workloads.entries.knobs import turned
from workloads.run import Length, Run
from workloads.trying.bench import Bench
from workloads.trying.experiment import experiment
from workloads.trying.profile import take_profile
from workloads.wire.commands import SetKnob, TakeProfile, Try


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


def _turn(run: Run, bench: Bench, order: SetKnob) -> str:
    """Change a parameter → the mark; nothing where it cannot be changed, which is told in a line."""
    try:
        value = turned(order.name, order.value, run.entry, run.parameters, device=str(run.device), ranks=run.ranks)
        bench.turn(order.name, value)
    except ValueError as error:
        run.log(str(error), "warning")
        return ""
    mark = f"{order.name} = {value}"
    with run.event("knob", mark):
        run.changed({order.name: value})
    return mark
