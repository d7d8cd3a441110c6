"""Serves batches of requests: gathers their inputs, runs the net, brings the answers back to the host.

On the CPU a batch is served when `submit` returns. On CUDA it is queued; several may be under way, each with its
own pinned memory. Never waits for the device by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from workloads.infer.ticket import Ticket, Tickets

Inputs = Callable[[int], torch.Tensor]
"""Number of requests → what they ask about, in turn: (N, …), or more rows, of which the last are nobody's.

On the host or on the device. What it gave stays as it is for as many more calls as batches may be under way.
"""
Classify = Callable[[torch.Tensor], torch.Tensor]
"""Inputs (N, …) on the host or on the device → classes int64 (N,) on the device. Queues work, and waits for none."""


class Server:
    """A net that classifies, and what requests ask it about."""

    def __init__(self, classify: Classify, inputs: Inputs, device: torch.device, *, batch: int, depth: int) -> None:
        self._classify, self._inputs = classify, inputs
        self._tickets = Tickets(device, depth=depth)
        places = depth + 1  # an answered batch is looked at while the next one is already on its way
        self._answers = [torch.empty(batch, dtype=torch.int64, pin_memory=device.type == "cuda") for _ in range(places)]
        self._taken = 0

    def submit(self, count: int) -> Ticket:
        """Serve so many requests; no more than `depth` batches may be under way."""
        answers = _first(self._answers[self._taken % len(self._answers)], count)
        self._taken += 1
        inputs = self._inputs(count)
        return self._tickets.queue(lambda: answers.copy_(_first(self._classify(inputs), count), non_blocking=True))


def _first(rows: torch.Tensor, count: int) -> torch.Tensor:
    """The first rows; all of them without a slice, which takes a microsecond."""
    return rows if len(rows) == count else rows[:count]
