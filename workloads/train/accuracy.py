"""Top-1 accuracy on held-out images: counted on the device, read once at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from workloads.heartbeat import heartbeat
from workloads.run import Run
from workloads.train.parallel import is_sharded

Classify = Callable[[torch.Tensor], torch.Tensor]
"""Pixels (N, 3, H, W), on the device → the classes that they are taken for, int64 (N,)."""


@torch.inference_mode()
def score_accuracy(
    run: Run,
    classify: Classify,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    *,
    epoch: int | None = None,
    step: int | None = None,
) -> None:
    """Classify every image once and say how many were named rightly; nothing is said of a run that is stopped."""
    correct, samples = torch.zeros((), dtype=torch.int64, device=run.device), 0
    with heartbeat(run.log, "classifying held-out images"):
        for batch in batches:
            if run.stopping or (run.orders.stopping and not is_sharded(run)):
                return
            pixels, labels = (part.to(run.device, non_blocking=True) for part in batch)
            correct += (classify(pixels) == labels).sum()
            samples += len(labels)
        run.score(int(correct) / samples, samples, epoch=epoch, step=step)
