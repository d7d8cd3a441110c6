"""What the script waits for its DataLoaders, and how many samples a batch has."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .listening import Listening

SHORT_NS, SELDOM = 1_000_000, 16
"""Who computes while such a short wait goes on is looked at in one of so many: the clock of a processor costs a call
of the kernel."""


def listen(here: Listening) -> None:
    """Hear of every batch, and of every iterator that is made: its workers are started then."""
    loop, torch = here.loop, here.torch
    tensor = torch.Tensor
    clock, waits, processor = loop.clock, loop.waits, time.thread_time_ns
    learns = torch.is_grad_enabled
    module = torch.utils.data.dataloader

    def enter(*_: Any) -> Any:
        if loop.loading or not here.on:
            return None
        loop.loading = True
        return clock()

    looks = [0]

    def next_begins(iterator: Any, *_: Any) -> Any:
        if loop.loading or not here.on:
            return None
        loop.loading = True
        looks[0] -= 1
        return clock(), None if looks[0] > 0 else processor(), iterator

    def next_done(begun: tuple[int, int | None, Any], batch: Any) -> None:
        now = clock()
        loop.loading = False
        try:
            at, before, iterator = begun
            if before is not None:
                took = now - at
                waits.add(took, processor() - before, getattr(iterator, "_num_workers", 0), learns())
                looks[0] = 1 if took > SHORT_NS else SELDOM
            first = batch[0] if type(batch) is list and batch else batch
            samples = first.size(0) if type(first) is tensor and first.dim() else size(batch, tensor)
            if loop.loads and loop.begun:
                # `loaded`, without a call: see `Loop`.
                loop.waiting_since = loop.waiting_since or at
                loop.waiting_ns += now - at
                loop.waiting_samples += samples
            else:
                loop.loaded(at, samples)
        except Exception as error:
            here.failed(error)

    def iter_done(at: int, _: Any) -> None:
        loop.loading = False
        try:
            loop.loaded(at, 0)
        except Exception as error:
            here.failed(error)

    here.patches.around(module._BaseDataLoaderIter, "__next__", next_begins, next_done)
    here.patches.around(module.DataLoader, "__iter__", enter, iter_done)


def size(batch: Any, tensor: Any, depth: int = 3) -> int:
    """Samples in a batch: the first dimension of its first tensor; 1 where there is none, 0 of None."""
    if isinstance(batch, tensor):
        return batch.size(0) if batch.dim() else 1
    if batch is None:
        return 0
    if depth and isinstance(batch, (list, tuple)) and batch:
        return size(batch[0], tensor, depth - 1) if not isinstance(batch[0], (str, bytes)) else len(batch)
    if depth and isinstance(batch, Mapping) and batch:
        return size(next(iter(batch.values())), tensor, depth - 1)
    return 1
