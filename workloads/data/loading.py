"""Batches of images made by processes beside the run: how torch's DataLoader is set up here.

Those processes are forked, so they cost no second start of torch. They have the run's printed streams and neither its
orders nor its frames, and they die with it.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Final

import torch
from torch.utils.data import DataLoader

from workloads.data.pixels import Key, Labelled, Pixels
from workloads.orders import ORPHANED, die_with_parent

ENDING_S: Final = 5.0
"""From when a process that ends has closed its sockets to when it is seen to be gone: moments, but no fixed time."""


@dataclass(frozen=True)
class Loading:
    """How batches are made ready."""

    workers: int
    """Processes; 0: the run makes them itself, when it needs them."""
    prefetch: int
    """Batches that each process may be ahead."""
    pin: bool
    """Whether batches are put into pinned memory, from which a copy to a GPU can be queued."""


class Epochs:
    """Rows of whole batches, epoch after epoch without end, in an order that seed and epoch alone decide.

    What does not fill a batch of every rank is left out of its epoch. Of several ranks each takes every N-th row of
    the order that all know.
    """

    def __init__(self, rows: int, batch: int, seed: int, *, rank: int = 0, ranks: int = 1) -> None:
        self._rows, self._batch, self._seed = rows, batch, seed
        self._rank, self._ranks = rank, ranks

    def __iter__(self) -> Iterator[list[Key]]:
        """Every iteration begins with epoch 1."""
        epoch = 1
        while True:
            generator = torch.Generator().manual_seed((self._seed * 1_000_003 + epoch) % 2**63)
            order = torch.randperm(self._rows, generator=generator)[self._rank :: self._ranks].tolist()
            for first in range(0, self._rows // self._ranks - self._batch + 1, self._batch):
                yield [(epoch, row) for row in order[first : first + self._batch]]
            epoch += 1


class Rounds:
    """Rows in turn, without end: a batch begins where the one before ended."""

    def __init__(self, rows: int, batch: int) -> None:
        self._rows, self._batch = rows, batch

    def __iter__(self) -> Iterator[list[Key]]:
        """Begins with row 0."""
        first = 0
        while True:
            yield [(1, row % self._rows) for row in range(first, first + self._batch)]
            first = (first + self._batch) % self._rows


def once(rows: int, batch: int) -> list[list[Key]]:
    """Every row once; the last batch may be smaller."""
    keys = [(1, row) for row in range(rows)]
    return [keys[first : first + batch] for first in range(0, rows, batch)]


class Loaded:
    """Batches of a data set. To be closed, which ends the processes that make them."""

    def __init__(
        self, pixels: Pixels, batches: Iterable[list[Key]], loading: Loading, layout: torch.memory_format
    ) -> None:
        self._layout = layout
        self._loader: DataLoader[Labelled] | None = DataLoader(
            pixels,
            batch_sampler=batches,
            num_workers=loading.workers,
            prefetch_factor=loading.prefetch if loading.workers else None,
            persistent_workers=loading.workers > 0,
            pin_memory=loading.pin,
            multiprocessing_context="fork" if loading.workers else None,
            worker_init_fn=partial(_begin, os.getpid()),
        )
        self._items: Iterator[list[torch.Tensor]] | None = None
        self._processes: list[BaseProcess] = []

    def restart(self) -> None:
        """Begin from the first batch again, with the same processes. What they have made ready is thrown away."""
        assert self._loader is not None
        others = set(active_children())
        self._items = iter(self._loader)
        self._processes += [process for process in active_children() if process not in others]

    def next(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Pixels uint8 (N, 3, H, W) and labels int64 (N,), on the host. Raises StopIteration after the last."""
        if self._items is None:
            self.restart()
        assert self._items is not None
        try:
            return self._laid_out(*next(self._items))
        except (ConnectionError, EOFError) as error:
            if self._processes and (ended := self._ended()):
                raise ended from error
            raise

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """All batches, from the first one, of an order that ends."""
        self.restart()
        while True:
            try:
                yield self.next()
            except StopIteration:
                return

    def close(self) -> None:
        """End the processes. Nothing comes after it."""
        # The loader's iterator ends them when nobody holds it any more.
        self._items = None
        self._loader = None

    def _ended(self) -> RuntimeError | None:
        """In torch's own words, who has ended: its sockets close before anybody can see that it has, even torch."""
        gone = wait([process.sentinel for process in self._processes], timeout=ENDING_S)
        pids = ", ".join(str(process.pid) for process in self._processes if process.sentinel in gone)
        return RuntimeError(f"DataLoader worker (pid(s) {pids}) exited unexpectedly") if pids else None

    def _laid_out(self, pixels: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Pixels come as (N, H, W, 3): channels side by side."""
        return pixels.permute(0, 3, 1, 2).contiguous(memory_format=self._layout), labels


def _begin(parent: int, _: int) -> None:
    """In a process that makes images, before its first one."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the run takes it for an order, and this process has none
    die_with_parent()
    gc.callbacks.clear()  # the run listens to its own collections, and nobody to those of this process
    if os.getppid() != parent:
        os._exit(ORPHANED)  # the run was gone before the kernel was told
