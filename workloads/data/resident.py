"""One batch that lies on the device, over and over: what comes before the device costs nothing."""

from __future__ import annotations

from typing import Generic, TypeVar

import torch

_Batch = TypeVar("_Batch", bound=tuple[torch.Tensor, ...])


class Resident(Generic[_Batch]):
    """A source of batches, of which there is one."""

    def __init__(self, batch: _Batch) -> None:
        self._batch = batch

    def restart(self) -> None:
        """It is always the same."""

    def next(self) -> _Batch:
        """The batch, on the device."""
        return self._batch

    def close(self) -> None:
        """There is nothing to end."""
