"""The loop of every probe: the same piece of work, over and over, with the device never idle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workloads.run import Run
from workloads.timing import steady, step_clock

WARMUP: Final = 5
"""Steps before measuring, unless the order says otherwise: the first of them makes handles and takes memory."""


def probe(run: Run, step: Callable[[], None], *, units: int, duration_s: float) -> None:
    """Warm up, then measure `step`, which is `units` units of work, for `duration_s` unless ordered otherwise."""
    clock = step_clock(run.device, run.recorder)
    with steady():
        run.phase("warmup")
        clock.begin()
        for _ in range(run.warmup_steps(WARMUP)):
            if run.stopping:
                break
            clock.open()
            clock.start()
            step()
            clock.close(units)
        clock.drain()
        run.phase("measure")
        clock.begin()
        length = run.length(duration_s=duration_s)
        length.begin()
        while not length.over():
            length.done += 1
            clock.open()
            clock.start()
            step()
            clock.close(units)
        clock.drain()
