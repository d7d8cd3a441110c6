"""probe/allreduce: how many bytes a second do the ranks exchange when each ends with the sum of all?

The rate is the bus bandwidth as NCCL's own tests define it (NVIDIA nccl-tests, doc/PERFORMANCE.md): size / time ×
2(n−1)/n for n ranks. That is what every rank must send and receive at least, whatever the algorithm, and so it can
be held against the speed of a link, and of one number of ranks against another. A run's rate is the sum over its
ranks, and a collective is the work of all of them: rank 0 counts it, the others tell how long it took them.

A step is one collective, of which every rank does the same number. Numbers are float32, random at first; sums of
sums grow beyond all bounds, which costs nothing.
"""

from __future__ import annotations

from functools import partial

import torch
import torch.distributed as dist

from workloads.probe.probing import Case, Step, probe_cases
from workloads.probe.sizes import size_text, sizes_of
from workloads.run import Run, Work


@torch.inference_mode()
def run(run: Run) -> None:
    """Sum up, size by size. Raises ValueError where there is nobody to sum up with."""
    if run.ranks < 2:
        raise ValueError("probe/allreduce measures what goes between ranks: it needs --ranks 2 or more")
    cases = [_case(run, size) for size in sizes_of(run.text("sizes_mib"))]
    run.started(Work("float32", None, None, moves_over="ranks"))
    probe_cases(run, cases, steps=run.integer("steps"))


def bus_bytes(size: int, ranks: int) -> float:
    """What one all-reduce of `size` bytes moves over each rank's link: 2(n−1)/n × size."""
    return 2 * (ranks - 1) / ranks * size


def _case(run: Run, size: int) -> Case:
    build, moved = partial(_build, run, size), bus_bytes(size, run.ranks)
    return Case(size_text(size), build, units=1 if run.rank == 0 else 0, bytes_per_unit=moved)


def _build(run: Run, size: int) -> Step:
    generator = torch.Generator(run.device).manual_seed(run.order.seed + run.rank)
    numbers = torch.randn(size // 4, generator=generator, device=run.device)

    def step() -> None:
        dist.all_reduce(numbers)

    return step
