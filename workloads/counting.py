"""Counts what one piece of work costs, by doing it once before anything is measured, or on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch._subclasses.fake_tensor import FakeTensorMode
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


def count_on_paper(
    prepare: Callable[[], Iterable[tuple[Callable[[], object], int]]], *, units: int, precision: str
) -> Work:
    """As `count_work`, with tensors that have shapes and no content: it takes neither memory nor the device's time.

    `prepare` builds what is needed and gives pieces of work, each with how often it is done for `units` units.
    """
    flops, moved = 0, 0
    with FakeTensorMode(allow_non_fake_inputs=True):
        for work, times in prepare():
            with FlopCounterMode(display=False) as counted, ByteCounter() as counter:
                work()
            flops += counted.get_total_flops() * times
            moved += counter.total * times
    return Work(precision, (flops / units) or None, (moved / units) or None)
