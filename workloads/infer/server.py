"""Serves batches of requests: gathers their inputs, runs the net, brings the answers back to the host.

On the CPU a batch is served when `submit` returns. On CUDA it is queued, and done when its last event has
passed; several may be under way, each with its own pinned memory. Never waits for the device by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from workloads.device_clock import DeviceEvent, elapsed_ns, timing_event

Inputs = Callable[[int], torch.Tensor]
"""Number of requests → what they ask about, in turn: (N, …), or more rows, of which the last are nobody's.

On the host or on the device. What it gave stays as it is for as many more calls as batches may be under way.
"""
Classify = Callable[[torch.Tensor], torch.Tensor]
"""Inputs (N, …) on the host or on the device → classes int64 (N,) on the device. Queues work, and waits for none."""


@dataclass(frozen=True)
class Ticket:
    """A batch under way."""

    sent_ns: list[int]
    """When each of its requests was sent."""
    began: DeviceEvent | None = None
    ended: DeviceEvent | None = None

    @property
    def done(self) -> bool:
        """Whether the answers are there."""
        return self.ended is None or self.ended.query()

    @property
    def device_ns(self) -> int | None:
        """Time on the device, of a batch that is done; None on the CPU."""
        return None if self.began is None or self.ended is None else elapsed_ns(self.began, self.ended)


class Server:
    """A net that classifies, and what requests ask it about."""

    def __init__(self, classify: Classify, inputs: Inputs, device: torch.device, *, batch: int, depth: int) -> None:
        self._classify, self._inputs = classify, inputs
        pinned = device.type == "cuda"
        places = depth + 1  # an answered batch is looked at while the next one is already on its way
        self._answers = [torch.empty(batch, dtype=torch.int64, pin_memory=pinned) for _ in range(places)]
        self._events = [(timing_event(), timing_event()) for _ in range(places)] if pinned else []
        self._taken = 0

    def submit(self, sent_ns: list[int]) -> Ticket:
        """Serve as many requests as there are times; no more than `depth` batches may be under way."""
        count, place = len(sent_ns), self._taken % len(self._answers)
        self._taken += 1
        inputs, answers = self._inputs(count), _first(self._answers[place], count)
        if not self._events:
            answers.copy_(_first(self._classify(inputs), count))
            return Ticket(sent_ns)
        began, ended = self._events[place]
        began.record()
        answers.copy_(_first(self._classify(inputs), count), non_blocking=True)
        ended.record()
        return Ticket(sent_ns, began, ended)


def _first(rows: torch.Tensor, count: int) -> torch.Tensor:
    """The first rows; all of them without a slice, which takes a microsecond."""
    return rows if len(rows) == count else rows[:count]
