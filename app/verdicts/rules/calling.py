"""What calling operators of torch costs the host in a step, against what these do themselves. Pure.

On a processor both happen in the same threads, and threads that wait for the next operator spin: that they are busy
says nothing. So it is worked out from what was counted in one step.
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.verdicts.rules.occupied import crowded
from app.verdicts.rules.telling import limit, share_evidence
from app.verdicts.window import Window
from workloads.wire.frames import Evidence

CALL_NS: Final = 3_000
"""Of torch, autograd and Python around one operator, views among them. Measured where operators have next to nothing to
do (layers of width 4, one row, one thread of a Xeon at 2.3 GHz): 3.2 µs in training with SGD, 3.7 in inference, 2.1 in
plain functions forward and backward, 1.2 of `torch.add` in a loop; 3.7 of layers of width 32 with 32 rows."""
FLOPS_PER_S: Final = 16e9
"""Of one thread, in products that are small: a quarter of what AVX2 does at 2 GHz (two fused operations of 8 numbers a
cycle are 64e9). Products of 1024³ reach 22e9 to 44e9 there."""
BYTES_PER_S: Final = 8e9
"""Of one thread, read and written: less than any server's memory gives one, and caches give more."""

CALLS: Final = 0.3
"""Of the step, that calls of operators take at least. `CALL_NS` is that of a quick processor with nothing else to do,
so it is more; below a third of the time another shape of the model is not worth its trouble."""


class Calling(msgspec.Struct, frozen=True, kw_only=True):
    """Means of a step."""

    operators: float
    wall_ns: float
    call_ns: float
    """To call them all."""
    work_ns: float
    """What they do themselves, at most: in one thread, out of memory, and in no more than the time that is left."""

    @property
    def share(self) -> float:
        """Part of the step that calls take."""
        return self.call_ns / self.wall_ns

    @property
    def most(self) -> bool:
        """Whether calls take longer than what is called."""
        return self.call_ns > self.work_ns

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The numbers."""
        return (
            Evidence(name="operators a step", value=self.operators, source="counted"),
            Evidence(name="time for each", value=self.wall_ns / self.operators, unit="ns", source="steps"),
            share_evidence("calls of operators", min(1.0, self.share), limit=CALLS, source="counted"),
            share_evidence("their own work, at most", self.work_ns / self.wall_ns, source="counted"),
        )


def calling(window: Window) -> Calling | None:
    """None where nobody counted a step's operators, or what they do."""
    started, steps = window.started, window.steps
    if started is None or not started.operators_per_step or steps is None or not steps.count or not steps.wall_ns:
        return None
    if started.flops_per_unit is None or started.bytes_per_unit is None:
        return None
    units = steps.samples / steps.count
    seconds = units * (started.flops_per_unit / FLOPS_PER_S + started.bytes_per_unit / BYTES_PER_S)
    wall_ns, call_ns = steps.wall_ns / steps.count, started.operators_per_step * CALL_NS
    return Calling(
        operators=started.operators_per_step,
        wall_ns=wall_ns,
        call_ns=call_ns,
        work_ns=min(seconds * 1e9, max(0.0, wall_ns - call_ns)),
    )


def called_most(window: Window) -> Calling | None:
    """What calls of operators take, where that is most of what operators need, and a good part of the step.

    Where others fill the processors everything takes many times as long, so that no part of the step is known.
    """
    counted = calling(window)
    if counted is None or not counted.most:
        return None
    return counted if counted.share >= limit(window, "launch-bound", CALLS) or crowded(window) else None
