"""A model of the user's with its inputs, ready to be called, wherever it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Loaded:
    """A model on its device, and what it is called with, there too."""

    module: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    items: int
    """Units of work a call: items of its batch, 1 where it has none."""
    precision: str
    """Of its weights."""
    sizes: dict[str, int]
    """The parameters `batch` and `sequence` as they turned out, where the model has them."""

    def call(self) -> Any:
        """Call the model once."""
        return self.module(*self.args, **self.kwargs)


def precision_of(weights: Iterable[torch.Tensor]) -> str:
    """The floating-point type that most numbers have: `float32`, `bfloat16` …; float32 where there is none."""
    counts: dict[torch.dtype, int] = {}
    for tensor in weights:
        if tensor.dtype.is_floating_point:
            counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.numel()
    most = max(counts, key=lambda dtype: counts[dtype], default=torch.float32)
    return str(most).removeprefix("torch.")
