"""Counts what one piece of work costs, by doing it once before anything is measured."""

from __future__ import annotations

from collections.abc import Callable

from torch.utils.flop_counter import FlopCounterMode

from workloads.bytecount import ByteCounter
from workloads.run import Work


def count_work(work: Callable[[], object], *, units: int, precision: str) -> Work:
    """Do `work`, which is `units` units of it, and count floating-point operations and bytes of one unit.

    FLOPs are those of matrix products and convolutions, a multiplication and an addition counted as two
    (`torch.utils.flop_counter`); for the bytes see `bytecount`.
    """
    with FlopCounterMode(display=False) as flops, ByteCounter() as moved:
        work()
    return Work(precision, (flops.get_total_flops() / units) or None, (moved.total / units) or None)
