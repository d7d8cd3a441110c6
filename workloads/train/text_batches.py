"""Batches of text: windows at random places, which the seed alone decides. Never looks at held-out text."""

from __future__ import annotations

import torch

from workloads.device_clock import RUN_AHEAD


class TextBatches:
    """Windows of context + 1 bytes: all but the last are read, all but the first are to be told.

    On CUDA the batch lies in pinned memory, so that its copy can be queued, in a ring: a buffer is filled
    again only when the step that copied it is known to be done.
    """

    def __init__(
        self, text: torch.Tensor, batch: int, context: int, *, seed: int, device: torch.device, rank: int = 0
    ) -> None:
        if len(text) < context + 1:
            raise ValueError(f"the corpus has {len(text):,} bytes to train on, less than one window: context={context}")
        self._windows = text.unfold(0, context + 1, 1)  # (places, context + 1), all of one memory
        self._seed = (seed * 1_000_003 + rank) % 2**63
        pinned = device.type == "cuda"
        shape = (batch, context + 1)
        self._ring = [
            torch.empty(shape, dtype=torch.uint8, pin_memory=pinned) for _ in range(RUN_AHEAD + 1 if pinned else 1)
        ]
        self._taken = 0
        self.restart()

    def restart(self) -> None:
        """Begin with the first batch again."""
        self._generator = torch.Generator().manual_seed(self._seed)

    def next(self) -> tuple[torch.Tensor]:
        """uint8 (batch, context + 1), valid until the ring comes round."""
        windows = self._ring[self._taken % len(self._ring)]
        self._taken += 1
        places = torch.randint(len(self._windows), (len(windows),), generator=self._generator)
        torch.index_select(self._windows, 0, places, out=windows)
        return (windows,)


def held_out_windows(text: torch.Tensor, context: int, most: int) -> torch.Tensor:
    """uint8 (N, context + 1): windows that do not overlap in what is to be told, `most` at most. Raises ValueError."""
    count = min(most, (len(text) - 1) // context)
    if count < 1:
        raise ValueError(f"the corpus has {len(text):,} bytes to test on, less than one window: context={context}")
    return text.unfold(0, context + 1, context)[:count]
