"""Batches under way on the device, and how the host knows that they are done: by an event behind each.

An event in front of a batch as well tells its time on the device. On an idle device the host would hold up the work
by putting one there (6 µs of a batch of 440 µs on an H100), so there is none: a device that waits for the host
is timed by the host, and one that is kept busy by its events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from workloads.device_clock import DeviceEvent, elapsed_ns, timing_event


@dataclass(frozen=True)
class Told:
    """How the requests of a batch were answered with text, token by token and all of them at once."""

    first_ns: int
    done_ns: int
    tokens: int
    """Of each request."""
    gaps: tuple[int, ...]
    """Nanoseconds between them."""
    device_ns: int | None = None
    """From the beginning to the last token on the device; None on the CPU."""


@dataclass(frozen=True)
class Ticket:
    """A batch under way."""

    began: DeviceEvent | None = None
    ended: DeviceEvent | None = None
    told: Told | None = None
    """How its text was told, where it is one."""
    given_up: bool = False
    """Whether the run was stopped in the middle of it: it has no answers."""

    @property
    def done(self) -> bool:
        """Whether the answers are there."""
        return self.ended is None or self.ended.query()

    @property
    def device_ns(self) -> int | None:
        """Time on the device, of a batch that is done; None on the CPU, and where the device waited for the batch."""
        if self.told is not None:
            return self.told.device_ns
        return None if self.began is None or self.ended is None else elapsed_ns(self.began, self.ended)


Submit = Callable[[int], Ticket]
"""So many requests → the batch under way; no more than RUN_AHEAD are."""


class Tickets:
    """Gives a ticket for each batch. Never waits for the device."""

    def __init__(self, device: torch.device, *, depth: int, event: Callable[[], DeviceEvent] = timing_event) -> None:
        """`depth`: batches that may be under way; one more is looked at after the next one was queued."""
        self._events = [(event(), event()) for _ in range(depth + 1)] if device.type == "cuda" else []
        self._taken = 0

    def queue(self, work: Callable[[], object]) -> Ticket:
        """Do the work of a batch; on CUDA it is queued, and done when the ticket says so."""
        if not self._events:
            work()
            return Ticket()
        began, ended = self._events[self._taken % len(self._events)]
        busy = self._taken > 0 and not self._events[(self._taken - 1) % len(self._events)][1].query()
        self._taken += 1
        if busy:
            began.record()
        work()
        ended.record()
        return Ticket(began if busy else None, ended)
