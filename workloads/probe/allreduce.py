"""probe/allreduce: how many bytes a second do the ranks exchange when each ends with the sum of all?

The rate is the bus bandwidth as NCCL's own tests define it (NVIDIA nccl-tests, doc/PERFORMANCE.md): size / time ×
2(n−1)/n for n ranks. That is what every rank must send and receive at least, whatever the algorithm, and so it can
be held against the speed of a link, and of one number of ranks against another. A run's rate is the sum over its
ranks, so a collective counts each rank's share: the bus bytes ÷ n.

Every rank does the same number of collectives: a length in seconds would end on one rank before another, which
would wait for ever. A step is one collective. Whether to stop is agreed between two cases. Numbers are float32,
random at first; sums of sums grow beyond all bounds, which costs nothing.
"""

from __future__ import annotations

from functools import partial

import torch
import torch.distributed as dist

from workloads.probe.probing import WARMUP, Case, Step, begin_case, one_step
from workloads.probe.sizes import size_text, sizes_of
from workloads.run import Run, Work
from workloads.timing import StepClock, steady, step_clock


@torch.inference_mode()
def run(run: Run) -> None:
    """Sum up, size by size. Raises ValueError where there is nobody to sum up with."""
    if run.ranks < 2:
        raise ValueError("probe/allreduce measures what goes between ranks: it needs --ranks 2 or more")
    steps = run.order.steps or run.integer("steps")
    cases = [_case(run, size) for size in sizes_of(run.text("sizes_mib"))]
    run.started(Work("float32", None, None, moves_over="ranks"))
    clock = step_clock(run.device, run.recorder)
    with steady():
        for number, case in enumerate(cases):
            if number:
                run.phase("cooldown")
            if _agreed_to_stop(run):
                return
            _measure(run, clock, case, steps)


def bus_bytes(size: int, ranks: int) -> float:
    """What one all-reduce of `size` bytes moves over each rank's link: 2(n−1)/n × size."""
    return 2 * (ranks - 1) / ranks * size


def _case(run: Run, size: int) -> Case:
    share = bus_bytes(size, run.ranks) / run.ranks
    return Case(size_text(size), partial(_build, run, size), units=1, bytes_per_unit=share)


def _build(run: Run, size: int) -> Step:
    generator = torch.Generator(run.device).manual_seed(run.order.seed + run.rank)
    numbers = torch.randn(size // 4, generator=generator, device=run.device)

    def step() -> None:
        dist.all_reduce(numbers)

    return step


def _measure(run: Run, clock: StepClock, case: Case, steps: int) -> None:
    step = case.build()
    begin_case(run, "warmup", case)
    clock.begin()
    for _ in range(run.warmup_steps(WARMUP)):
        one_step(clock, step, case.units)
    clock.drain()
    begin_case(run, "measure", case)
    clock.begin()
    for _ in range(steps):
        one_step(clock, step, case.units)
    clock.drain()


def _agreed_to_stop(run: Run) -> bool:
    """Whether any rank was told to stop; all learn it here, and also wait for each other."""
    wish = torch.tensor([int(run.stopping)], device=run.device)
    dist.all_reduce(wish, op=dist.ReduceOp.MAX)
    return bool(wish.item())
