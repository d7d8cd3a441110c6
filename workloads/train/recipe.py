"""What is trained, and how: all that the loop of training needs to know of a workload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

Tensors = tuple[torch.Tensor, ...]

Loss = Callable[..., torch.Tensor]
"""The model to call, and the tensors of a batch on the device → a loss: forward."""


class Batches(Protocol):
    """Where batches come from."""

    def restart(self) -> None:
        """Begin from the first one again: the warm-up is over."""

    def next(self) -> Tensors:
        """The next batch: tensors of equal first dimension, on the host or on the device."""


@dataclass(frozen=True)
class Source:
    """How batches are to be made; None: as the run has it."""

    batch: int | None = None
    workers: int | None = None
    pin: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is trained, and how."""

    model: nn.Module
    """Whose weights and statistics the warm-up must not change. With several ranks it may be sharded in place."""
    optimizer: Callable[[nn.Module], torch.optim.Optimizer]
    """Makes the model's optimizer, once it is known which of the weights this rank has."""
    loss: Loss
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
    other_batches: Callable[[Source], Batches] | None = None
    """Makes a source of batches beside the run's own; it may have a `close`. Raises ValueError for what cannot be."""
    other_precision: Callable[[str], Loss] | None = None
    """Sets the arithmetic of the process, and gives the loss to call with it."""
    prefetched: int = 0
    """Batches that may be ready beforehand, made by other processes."""
