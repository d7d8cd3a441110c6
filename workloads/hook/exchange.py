"""What a rank waits for others in `DistributedDataParallel` on CUDA, as that times it itself.

The wait is in C++ behind the last gradient: by the host with Gloo, by the device's stream with NCCL, and nothing of it
is seen from Python. But DDP times its first ten backwards and every hundredth by events of its own, whoever asks: from
when the first gradients are sent to when the last are back, and which part of that backward hides. What it says stands
for the steps until it times the next; nothing is timed for this, and nothing waited for.

On the processor every step's backward tells as much by its length: see `app.verdicts.rules.ranks.own_work`.
"""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

FIRST = 3
"""Backward from which on its time counts: the first makes the connections, and behind it buckets are made anew."""
NEWEST = 5
"""Times whose median is told: one of a step in which something else happened is none like the others."""
ENOUGH = 5
"""Steps, before which it is not known how many exchanges each has: gradients may be accumulated over several."""


def listen(here: Listening) -> None:
    """Hear of every DDP module, and ask each as often as rows are sent."""
    ddp = getattr(here.torch.nn.parallel, "DistributedDataParallel", None)
    if ddp is None or "_ddp_init_helper" not in vars(ddp):
        return
    exchanges = Exchanges(here)
    made = here.guarded(exchanges.add)
    here.patches.within(ddp, "_ddp_init_helper", "", "_benchtop_made(self)", _benchtop_made=made)
    here.line.every_tick.append(exchanges.tell)


class Exchanges:
    """Of all DDP modules of this process."""

    def __init__(self, here: Listening) -> None:
        self._here = here
        self._each: list[Exchange] = []

    def add(self, module: Any) -> None:
        """A module was made, or came out of a pickle."""
        self._each.append(Exchange(module))

    def tell(self) -> None:
        """Have rows say it from here on. Never raises: where torch does not say it, it stays unknown."""
        loop = self._here.loop
        if not self._each or loop.ends is None:
            return
        try:
            waits = [each.wait_ns(loop.steps) for each in self._each]
        except Exception:
            self._each, waits = [], []
        known = [wait for wait in waits if wait is not None]
        loop.comm_ns = sum(known) if known else None


class Exchange:
    """Of one module."""

    def __init__(self, module: Any) -> None:
        self._module = weakref.ref(module)
        self._iteration = 0
        self._waits: deque[int] = deque(maxlen=NEWEST)

    def wait_ns(self, steps: int) -> int | None:
        """In a step, beside what backward hides; None: not known. `steps`: that were done so far."""
        logger = getattr(self._module(), "logger", None)
        if logger is None:
            return None
        told = logger._get_ddp_logging_data().ints_map
        iteration, took = told.get("iteration", 0), told.get("backward_comm_time", 0)
        if iteration >= FIRST and iteration != self._iteration and took > 0:
            self._iteration = iteration
            exchanges = max(1, round(iteration / steps)) if steps >= ENOUGH else 1
            hidden = told.get("backward_compute_comm_overlap_time", 0)
            self._waits.append(exchanges * max(0, took - hidden))
        return sorted(self._waits)[len(self._waits) // 2] if self._waits else None
