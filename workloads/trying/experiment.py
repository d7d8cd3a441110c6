"""An experiment: blocks with the setting of the run and with a changed one follow each other, beside the run.

Each block is a phase `experiment` of its case. What is made ready, and the steps in which a block settles, are phases
`experiment` without a case: they belong to neither side. The run's own work stands still meanwhile.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Final

import torch

from workloads.entries.experiments import PLAIN, why_not
from workloads.failures import one_line, wants_memory
from workloads.heartbeat import heartbeat
from workloads.run import Length, Run
from workloads.trying.bench import Bench, Sides
from workloads.wire.commands import BLOCK_NS, Try

SETTLE: Final = 2
"""Steps at the beginning of a block that are not part of it."""
SETTLE_S: Final = 10.0
"""Batches that were ready are waited for no longer than this."""


def experiment(run: Run, bench: Bench, order: Try) -> None:
    """Make it, to its end or until an order without a name. What cannot be tried is told in a line.

    Several ranks make it step by step alike. What one of them cannot make ready none makes; one that fails in a step
    leaves the others in the midst of theirs, and that is the end of the run.
    """
    name = order.experiment
    if not name:
        return  # none is under way
    if why := why_not(name, run.entry, run.parameters, str(run.device), run.ranks):
        _say(run, why)
        return
    run.phase("experiment", f"making {name} ready")
    why, ready = "", False
    try:
        with ExitStack() as undo:
            try:
                sides = undo.enter_context(bench.sides(name))
            except (ValueError, RuntimeError, MemoryError) as error:
                why = _why(run, error)
            why = why if run.agreement is None else run.agreement.agreed(why)
            if not why:
                ready = True
                _blocks(run, sides, order)
                run.phase("cooldown", f"{name} is over")  # what it did is undone now
    except (ValueError, RuntimeError, MemoryError) as error:
        if ready and run.ranks > 1:
            raise
        why = _why(run, error)
    if why:
        _say(run, f"{name} cannot be tried: {why}")


def _why(run: Run, error: ValueError | RuntimeError | MemoryError) -> str:
    """In one line."""
    if not wants_memory(error):
        return one_line(str(error))
    _give_back(run)
    return "there is not enough memory for it"


def _say(run: Run, why: str) -> None:
    """Once, however many ranks there are."""
    if not run.rank:
        run.log(why, "warning")


def _blocks(run: Run, sides: Sides, order: Try) -> None:
    settled_s = 0.0
    for number in range(2 * order.blocks):
        if _ended(run):
            return
        changed = number % 2 == 1
        make, case = (sides.changed, order.experiment) if changed else (sides.plain, PLAIN)
        run.phase("experiment", f"block {number // 2 + 1} of {order.blocks} settles")
        if number < 2:
            with heartbeat(run.log, "the first step of the experiment"):  # what compiles does it now
                make(Length(run, 1, None))
        began = time.monotonic()
        make(Length(run, SETTLE, None))
        if changed and sides.prefetched:
            # What works beside the steps is to come to rest too, as it did in the plain block.
            make(Length(run, None, settled_s))
        elif sides.prefetched:
            make(Length(run, sides.prefetched, SETTLE_S))
            settled_s = time.monotonic() - began
        if _ended(run):
            return
        run.phase("experiment", case=case)
        make(Length(run, order.steps, BLOCK_NS / 1e9 if order.steps is None else None))


def _ended(run: Run) -> bool:
    """Whether the run is to stop, or the experiment, which an order without a name says. Other orders wait."""
    ends = [order for order in run.orders.asked if isinstance(order, Try) and not order.experiment]
    return run.stopping or bool(ends)


def _give_back(run: Run) -> None:
    if run.device.type == "cuda":
        torch.cuda.empty_cache()
