"""Brings a step's loss to the host without waiting for the device."""

from __future__ import annotations

import torch

from workloads.device_clock import RUN_AHEAD, LossReader


class LossTap:
    """On CUDA the loss is copied into pinned memory behind the step's work, and read once the step is done.

    The ring is one longer than the steps under way, so that a loss is read before it is overwritten.
    """

    def __init__(self, device: torch.device) -> None:
        on_device = device.type == "cuda"
        self._ring = [torch.empty((), pin_memory=True) for _ in range(RUN_AHEAD + 1)] if on_device else []
        self._taken = 0

    def tap(self, loss: torch.Tensor) -> LossReader:
        """A step's loss → how to read it when the step is done."""
        if not self._ring:
            return loss.item
        place = self._ring[self._taken % len(self._ring)]
        self._taken += 1
        place.copy_(loss.detach(), non_blocking=True)
        return place.item
