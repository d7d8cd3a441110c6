"""Batches of digits on the host, in an order that seed and epoch alone decide. Never looks at held-out images.

Several ranks share an epoch: all know its order, and rank r takes every N-th image from the r-th on.
"""

from __future__ import annotations

import torch

from workloads.data.digits import Images
from workloads.device_clock import RUN_AHEAD


class DigitBatches:
    """Whole batches of one epoch after the other; what does not fill a batch is left out of that epoch.

    On CUDA the batch lies in pinned memory, so that its copy can be queued, in a ring: a buffer is filled
    again only when the step that copied it is known to be done. Raises ValueError when an epoch has no step.
    """

    def __init__(
        self, images: Images, batch: int, *, seed: int, device: torch.device, rank: int = 0, ranks: int = 1
    ) -> None:
        if batch * ranks > len(images):
            raise ValueError(
                f"{ranks} ranks with batch={batch} take {batch * ranks:,} images a step; there are {len(images):,}: "
                f"--set batch={max(1, len(images) // ranks)}"
            )
        self._rank = rank
        self._ranks = ranks
        self._images = images
        self._batch = batch
        self._seed = seed
        pinned = device.type == "cuda"
        self._ring = [self._buffers(pinned) for _ in range(RUN_AHEAD + 1 if pinned else 1)]
        self._taken = 0
        self._step = 0
        self._shuffle(0)

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return len(self._images) // (self._batch * self._ranks)

    def restart(self) -> None:
        """Begin with the first epoch; until then it was the warm-up's, over and over."""
        self._step = 0
        self._shuffle(1)

    def next(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Pixels (batch, 1, 8, 8) and labels (batch,), valid until the ring comes round."""
        if self._step == self.per_epoch:
            self._step = 0
            self._shuffle(self._epoch + 1 if self._epoch else 0)
        rows = self._order[self._step * self._batch : (self._step + 1) * self._batch]
        pixels, labels = self._ring[self._taken % len(self._ring)]
        self._step += 1
        self._taken += 1
        torch.index_select(self._images.pixels, 0, rows, out=pixels)
        torch.index_select(self._images.labels, 0, rows, out=labels)
        return pixels, labels

    def _shuffle(self, epoch: int) -> None:
        """Begin an epoch, counted from 1; 0 is the warm-up's."""
        generator = torch.Generator().manual_seed((self._seed * 1_000_003 + epoch) % 2**63)
        self._epoch = epoch
        self._order = torch.randperm(len(self._images), generator=generator)[self._rank :: self._ranks]

    def _buffers(self, pinned: bool) -> tuple[torch.Tensor, torch.Tensor]:
        pixels = torch.empty((self._batch, *self._images.pixels.shape[1:]), pin_memory=pinned)
        return pixels, torch.empty(self._batch, dtype=torch.int64, pin_memory=pinned)
