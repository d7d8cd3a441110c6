"""One training step after the other: how a recipe's step is done and timed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from workloads.device_clock import Part
from workloads.run import Length
from workloads.timing import StepClock
from workloads.train.loss import LossTap
from workloads.train.parallel import synchronise
from workloads.train.recipe import Recipe, Tensors


class Steps:
    """Steps of one recipe. Several can be made by turns on the same model, optimizer and clock."""

    def __init__(
        self,
        recipe: Recipe,
        called: nn.Module,
        optimizer: torch.optim.Optimizer,
        clock: StepClock,
        device: torch.device,
    ) -> None:
        """`called` is the model, or what averages its gradients over the ranks."""
        self.recipe = recipe
        self._called = called
        self._optimizer = optimizer
        self._clock = clock
        self._device = device
        self._losses = LossTap(device)
        self._copied: tuple[int, int] | None = None
        """Bytes of a batch that are copied to the device, and those from pageable memory: of all batches alike."""

    def make(self, length: Length) -> None:
        """So many, until the device has done them."""
        self._clock.begin()
        length.begin()
        while not length.over():
            length.done += 1
            self.step()
        self._clock.drain()

    def step(self) -> None:
        """One."""
        clock, recipe, device = self._clock, self.recipe, self._device
        clock.open()
        batch = recipe.batches.next()
        clock.mark("data_wait")
        if batch[0].device != device:
            if self._copied is None:
                self._copied = copied_bytes(batch)
            batch = self.moved(batch)
            clock.mark("h2d")
            clock.copied(*self._copied)
        loss = self.work(batch)
        clock.close(recipe.samples, tokens=recipe.tokens, loss=self._losses.tap(loss))

    def moved(self, batch: Tensors) -> Tensors:
        """A batch on its way to the device."""
        return tuple(part.to(self._device, non_blocking=True) for part in batch)

    def work(self, batch: Tensors) -> torch.Tensor:
        """Forward, backward and optimizer of a batch on the device → its loss, without a gradient."""
        return self.learn(batch, self._clock.mark)

    def learn(self, batch: Tensors, mark: Callable[[Part], None]) -> torch.Tensor:
        """The same, and who is told of the end of each part."""
        recipe = self.recipe
        parts = list(zip(*(part.chunk(recipe.accumulate) for part in batch), strict=True))
        losses = []
        for number, part in enumerate(parts, start=1):
            with synchronise(self._called, last=number == len(parts)):
                loss = recipe.loss(self._called, *part)
                loss = loss / len(parts) if len(parts) > 1 else loss
                mark("forward")
                loss.backward()  # type: ignore[no-untyped-call]
                mark("backward")
            losses.append(loss.detach())
        self._optimizer.step()
        self._optimizer.zero_grad()
        mark("optimizer")
        return torch.stack(losses).sum() if len(losses) > 1 else losses[0]


def copied_bytes(batch: Tensors) -> tuple[int, int]:
    """Bytes that a copy to the device takes, and those of them that do not lie in pinned memory."""
    return sum(part.nbytes for part in batch), sum(part.nbytes for part in batch if not part.is_pinned())
