"""The loop of every training workload: step, step, step, and now and then a look at held-out data.

A step is: the next batch (data wait), its move to the device (host-to-device; on the CPU there is nothing to
move, and the part is absent), forward, backward, optimizer. On the CPU the parts are times on the host. On
CUDA the data wait is the host's, the others lie between CUDA events and are the device's, with the gaps in
which it had nothing to do; the host runs ahead, so a data wait costs nothing as long as it is shorter than the
device's work.

Warm-up steps train for real, so that caches, clocks and allocators are where they will be, and are then
undone: weights, running statistics and optimizer go back to the start, and the result does not depend on
how many there were.

Of several ranks each runs this loop on batches of its own, and gradients are reduced once a step, with the last
part of its batch. Rank 0 alone looks at held-out data; with sharded weights all must, since each holds a part.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from workloads.heartbeat import heartbeat
from workloads.run import Length, Run
from workloads.timing import StepClock, step_clock
from workloads.train.loss import LossTap
from workloads.train.parallel import is_sharded, local, share_model, synchronise

Tensors = tuple[torch.Tensor, ...]


class Batches(Protocol):
    """Where batches come from."""

    def restart(self) -> None:
        """Begin from the first one again: the warm-up is over."""

    def next(self) -> Tensors:
        """The next batch: tensors of equal first dimension, on the host or on the device."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is trained, and how."""

    model: nn.Module
    """Whose weights and statistics the warm-up must not change. With several ranks it may be sharded in place."""
    optimizer: Callable[[nn.Module], torch.optim.Optimizer]
    """Makes the model's optimizer, once it is known which of the weights this rank has."""
    loss: Callable[..., torch.Tensor]
    """The model to call, and the tensors of a batch on the device → a loss: forward."""
    batches: Batches
    samples: int
    """Units of work a step, of this rank."""
    tokens: int | None = None
    """Tokens a step, where the workload has them."""
    blocks: tuple[nn.Module, ...] = ()
    """Parts of the model that are gathered one by one when its weights are sharded."""
    accumulate: int = 1
    """Equal parts in which a batch goes through forward and backward before the optimizer's step."""
    compiled: bool = False
    """Whether the first step compiles; it is made before measuring even where no warm-up was ordered."""


class Training:
    """Runs a recipe."""

    def __init__(self, run: Run, recipe: Recipe) -> None:
        self._run = run
        self._recipe = recipe
        self._losses = LossTap(run.device)
        self._clock: StepClock = step_clock(run.device, run.recorder)
        self._called = share_model(run, recipe.model, recipe.blocks, self._clock)
        self._optimizer = recipe.optimizer(recipe.model)
        self._copied: tuple[int, int] | None = None
        """Bytes of a batch that are copied to the device, and those from pageable memory: of all batches alike."""

    def warm_up(self, steps: int) -> None:
        """So many steps, unless the order says otherwise, timed and then undone."""
        before = _kept(self._recipe.model)
        self._run.phase("warmup")
        self._clock.begin()
        compiled = self._recipe.compiled
        length = Length(self._run, max(self._run.warmup_steps(steps), 1 if compiled else 0), None)
        length.begin()
        while not length.over():
            long = heartbeat(self._run.log, "compiling" if compiled else "the first step")
            with nullcontext() if length.done else long:
                length.done += 1
                self._step()
        self._clock.drain()
        _put_back(self._recipe.model, before)
        forget(self._optimizer)
        self._recipe.batches.restart()

    def measure(
        self, length: Length, *, every: int, name: Callable[[int], str | None], evaluate: Callable[[int], None] | None
    ) -> None:
        """Train for that length, with a look at held-out data after `every` steps and at the end, if there is any.

        `name` says of a number of steps done where the training is, and `evaluate` is given that number.
        """
        while not length.over():
            self._run.phase("measure", name(length.done))
            length.begin()
            self._clock.begin()
            for _ in range(every):
                if length.over():
                    break
                length.done += 1
                self._step()
            self._clock.drain()
            length.over()  # at an edge between two looks too, all ranks must know of a stop before they go on
            length.pause()
            if evaluate is not None and not self._run.stopping:
                self._run.phase("evaluate", name(length.done - 1))
                if is_sharded(self._run) or self._run.rank == 0:
                    self._recipe.model.eval()
                    with self._run.event("evaluation"):
                        evaluate(length.done)
                    self._recipe.model.train()
        self._run.phase("cooldown")  # what is done with the weights now is no training

    def _step(self) -> None:
        clock, recipe, device = self._clock, self._recipe, self._run.device
        clock.open()
        batch = recipe.batches.next()
        clock.mark("data_wait")
        if batch[0].device != device:
            if self._copied is None:
                self._copied = copied_bytes(batch)
            batch = tuple(part.to(device, non_blocking=True) for part in batch)
            clock.mark("h2d")
            clock.copied(*self._copied)
        parts = list(zip(*(part.chunk(recipe.accumulate) for part in batch), strict=True))
        losses = []
        for number, part in enumerate(parts, start=1):
            with synchronise(self._called, last=number == len(parts)):
                loss = recipe.loss(self._called, *part)
                loss = loss / len(parts) if len(parts) > 1 else loss
                clock.mark("forward")
                loss.backward()  # type: ignore[no-untyped-call]
                clock.mark("backward")
            losses.append(loss.detach())
        self._optimizer.step()
        self._optimizer.zero_grad()
        clock.mark("optimizer")
        whole = torch.stack(losses).sum() if len(losses) > 1 else losses[0]
        clock.close(recipe.samples, tokens=recipe.tokens, loss=self._losses.tap(whole))


def copied_bytes(batch: Tensors) -> tuple[int, int]:
    """Bytes that a copy to the device takes, and those of them that do not lie in pinned memory."""
    return sum(part.nbytes for part in batch), sum(part.nbytes for part in batch if not part.is_pinned())


def forget(optimizer: torch.optim.Optimizer) -> None:
    """Take the optimizer back to its first step, in place: its memory stays where it is."""
    for state in optimizer.state.values():
        for value in state.values():
            if isinstance(value, torch.Tensor):
                local(value).zero_()


def _kept(model: nn.Module) -> list[torch.Tensor]:
    """Copies of weights and statistics, on the host: the device's memory is the workload's."""
    return [local(tensor).detach().to("cpu", copy=True) for tensor in (*model.parameters(), *model.buffers())]


@torch.no_grad()
def _put_back(model: nn.Module, kept: list[torch.Tensor]) -> None:
    for tensor, value in zip((*model.parameters(), *model.buffers()), kept, strict=True):
        local(tensor).copy_(value)
