"""What a script waits for its data by, told once a second as gauges: who makes it, and what else is between its steps.

Sums that only grow; the line's thread reads them and tells what they grew by.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

ENOUGH_NS = 1_000_000
"""Of waiting in a second, from which on who computed meanwhile is worth telling."""


class Waits:
    """Of one process. The script's threads add, in the middle of its work."""

    __slots__ = (
        "_learns",
        "_told",
        "are_long",
        "between_ns",
        "computed_ns",
        "emptied_ns",
        "stepped_ns",
        "waited_ns",
        "workers",
    )

    def __init__(self) -> None:
        self.waited_ns = self.computed_ns = 0
        """In DataLoaders: of the clock, and of the processor by the waiting thread."""
        self.workers: dict[int, int] = {}
        """Worker processes of a loader → what was waited for such ones."""
        self.between_ns = self.stepped_ns = 0
        """From the end of a step to the next forward, and all steps."""
        self.emptied_ns = 0
        """In `torch.cuda.empty_cache`."""
        self.are_long = True
        """Whether the last one that was looked at was long enough to look at the next one."""
        self._learns = False
        self._told = (0, 0, 0, 0, 0)

    def add(self, wall_ns: int, processor_ns: int, workers: int, learns: bool) -> None:
        """A batch was waited for. `learns`: with gradients on. Where any was, one without is of an evaluation."""
        if learns > self._learns:
            self._learns = True
            self.workers.clear()
        if learns < self._learns:
            return
        self.waited_ns += wall_ns
        self.computed_ns += processor_ns
        self.workers[workers] = self.workers.get(workers, 0) + wall_ns

    def readings(self) -> dict[str, float]:
        """Since the last call; what there was none of is absent."""
        now = (self.waited_ns, self.computed_ns, self.between_ns, self.stepped_ns, self.emptied_ns)
        waited, computed, between, stepped, emptied = (after - before for after, before in zip(now, self._told))
        self._told = now
        found: dict[str, float] = {}
        workers, self.workers = self.workers, {}
        if workers:
            found["loader_workers"] = float(max(workers, key=lambda number: workers[number]))
        if waited >= ENOUGH_NS:
            found["data_wait_cpu_percent"] = min(100.0, 100.0 * computed / waited)
        if stepped > 0:
            found["between_steps_percent"] = min(100.0, 100.0 * between / stepped)
            if self.emptied_ns:
                found["empty_cache_percent"] = min(100.0, 100.0 * emptied / stepped)
        return found


def listen(here: Listening) -> None:
    """Tell every second."""
    waits, line = here.loop.waits, here.line

    def tell() -> None:
        readings: dict[str, Any] = waits.readings()
        if readings:
            line.put({"kind": "gauges", "at_ns": time.monotonic_ns(), "device": "worker", "readings": readings})

    line.every_second.append(tell)
