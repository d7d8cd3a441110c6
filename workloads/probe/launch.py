"""probe/launch: how many pieces of work a second can the host hand to the device?

The piece is the smallest there is: the sign of one number is changed in place (`neg_`), which on CUDA is a kernel
of one thread block. What is measured is all that stands around a kernel: Python, torch's dispatch, the driver, and
the device's own beginning and end of a kernel. A model whose kernels are shorter than that is bound by it.

    eager          one operator after the other, as Python calls them
    CUDA graph     as many, recorded once and replayed with one call
    synchronise    one operator, then wait until the device has done it: the cost of `loss.item()`

A step is `inner` launches (a hundredth of them where each is waited for). On the CPU there is no launch: the
same operator is called eagerly, and what is counted is calls of an operator a second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import torch

from workloads.cuda_graph import recorded
from workloads.probe.probing import Case, Step, probe_cases
from workloads.run import Run, Work

DURATION_S: Final = 10.0
WAITED_FOR: Final = 100
"""Launches of a step for each one that is waited for, so that steps of all cases are about as long."""


@torch.inference_mode()
def run(run: Run) -> None:
    """Launch by every way that the device has."""
    inner = run.integer("inner")
    number = torch.ones(1, device=run.device)
    if run.device.type == "cuda":
        cases = [
            _case("eager", partial(_eager, number), inner),
            _case("CUDA graph", partial(_graph, number), inner),
            _case("synchronise", partial(_synchronised, number), max(1, inner // WAITED_FOR)),
        ]
    else:
        cases = [_case("operator calls, eager", partial(_eager, number), inner)]
    run.started(Work("float32", None, None))
    probe_cases(run, cases, duration_s=DURATION_S)


def _case(name: str, build: Callable[[int], Step], launches: int) -> Case:
    return Case(name=name, build=partial(build, launches), units=launches)


def _eager(number: torch.Tensor, launches: int) -> Step:
    def step() -> None:
        for _ in range(launches):
            number.neg_()

    return step


def _graph(number: torch.Tensor, launches: int) -> Step:
    return recorded(_eager(number, launches))


def _synchronised(number: torch.Tensor, launches: int) -> Step:
    def step() -> None:
        for _ in range(launches):
            number.neg_()
            torch.cuda.synchronize(number.device)

    return step
