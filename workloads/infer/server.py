"""Serves batches of images: gathers them on the host, runs the net, brings the answers back to the host.

On the CPU a batch is served when `submit` returns. On CUDA it is queued, and done when its last event has
passed; several may be under way, each with its own pinned memory. Never waits for the device by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from workloads.data.digits import Images
from workloads.device_clock import DeviceEvent, elapsed_ns, timing_event
from workloads.train.digits_net import DigitsNet


@dataclass(frozen=True)
class Ticket:
    """A batch under way."""

    sent_ns: list[int]
    """When each of its requests was sent."""
    answers: torch.Tensor
    """int64 (N,) on the host; to be read once the batch is done."""
    began: DeviceEvent | None = None
    ended: DeviceEvent | None = None

    @property
    def done(self) -> bool:
        """Whether the answers are on the host."""
        return self.ended is None or self.ended.query()

    @property
    def device_ns(self) -> int | None:
        """Time on the device, of a batch that is done; None on the CPU."""
        return None if self.began is None or self.ended is None else elapsed_ns(self.began, self.ended)


class Server:
    """A net and the images that requests ask about, in turn."""

    def __init__(
        self, net: DigitsNet, images: Images, autocast: torch.autocast, device: torch.device, *, batch: int, depth: int
    ) -> None:
        self._net, self._images, self._autocast, self._device = net, images, autocast, device
        pinned = device.type == "cuda"
        self._inputs = [torch.empty((batch, 1, 8, 8), pin_memory=pinned) for _ in range(depth)]
        self._answers = [torch.empty(batch, dtype=torch.int64, pin_memory=pinned) for _ in range(depth)]
        self._events = [(timing_event(), timing_event()) for _ in range(depth)] if pinned else []
        self._taken = 0
        self._asked = 0

    def submit(self, sent_ns: list[int]) -> Ticket:
        """Serve as many requests as there are times; no more than `depth` batches may be under way."""
        count, place = len(sent_ns), self._taken % len(self._inputs)
        self._taken += 1
        pixels, answers = self._inputs[place][:count], self._answers[place][:count]
        torch.index_select(self._images.pixels, 0, self._next_rows(count), out=pixels)
        if not self._events:
            answers.copy_(self._classify(pixels))
            return Ticket(sent_ns, answers)
        began, ended = self._events[place]
        began.record()
        answers.copy_(self._classify(pixels.to(self._device, non_blocking=True)), non_blocking=True)
        ended.record()
        return Ticket(sent_ns, answers, began, ended)

    def _classify(self, pixels: torch.Tensor) -> torch.Tensor:
        with self._autocast:
            digits: torch.Tensor = self._net(pixels).argmax(1)  # (N, 10) → (N,)
        return digits

    def _next_rows(self, count: int) -> torch.Tensor:
        rows = torch.arange(self._asked, self._asked + count) % len(self._images)
        self._asked += count
        return rows
