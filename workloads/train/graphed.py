"""A training step as one CUDA graph: forward, backward and optimizer of a batch that is copied to where it reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from workloads.cuda_graph import recorded
from workloads.train.recipe import Tensors
from workloads.train.steps import Steps


class GraphedSteps(Steps):
    """Steps whose work is replayed. The parts of a step are not known one by one: the host starts them as one."""

    def record(self, example: Tensors) -> None:
        """Record the step, on a batch of that shape. It is done some times for it: the model learns from it.

        Raises RuntimeError where something in the step cannot be recorded.
        """
        self._batch = tuple(part.to(self._device, copy=True) for part in example)
        with capturable(self._optimizer):
            self._optimizer.zero_grad()
            # Marks are events, and are no part of the graph.
            self._graph = recorded(lambda: self.learn(self._batch, lambda _: None))

    def moved(self, batch: Tensors) -> Tensors:
        """To where the graph reads it."""
        for place, part in zip(self._batch, batch, strict=True):
            place.copy_(part, non_blocking=True)
        return self._batch

    def work(self, batch: Tensors) -> torch.Tensor:
        """Replay; a batch that lies on the device already is copied to where the graph reads it."""
        if batch is not self._batch:
            self.moved(batch)
        return self._graph()


@contextmanager
def capturable(optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """While recording: Adam refuses unless it is told that its counts of steps lie on the device, where they do."""
    told = [group for group in optimizer.param_groups if "capturable" in group]
    before = [group["capturable"] for group in told]
    for group in told:
        group["capturable"] = True
    try:
        yield
    finally:
        for group, value in zip(told, before, strict=True):
            group["capturable"] = value
