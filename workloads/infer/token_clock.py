"""When each token of a batch was there: on the CPU when the host has made it, on CUDA by an event behind each step."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import torch

from workloads.device_clock import POLL_S, DeviceEvent, elapsed_ns, timing_event


class TokenClock:
    """Times of up to `most` tokens of one batch after the other. Never waits for the device but by asking."""

    def __init__(
        self,
        device: torch.device,
        most: int,
        *,
        event: Callable[[], DeviceEvent] = timing_event,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._events = [event() for _ in range(most + 1)] if device.type == "cuda" else []
        self._pause = pause
        self._seen_ns: list[int] = []
        self.marks = 0
        """Tokens whose work was queued."""

    def begin(self) -> None:
        """A batch begins now."""
        self.marks = 0
        self._seen_ns.clear()
        if self._events:
            self._events[0].record()

    def mark(self) -> None:
        """The work of one more token is queued; on the CPU it is done."""
        self.marks += 1
        if self._events:
            self._events[self.marks].record()
        else:
            self._seen_ns.append(time.monotonic_ns())

    def settle(self, most: int) -> None:
        """Ask until at most `most` tokens are under way, and note when each was seen to be there."""
        while len(self._seen_ns) < self.marks:
            if self._events[len(self._seen_ns) + 1].query():
                self._seen_ns.append(time.monotonic_ns())
            elif self.marks - len(self._seen_ns) > most:
                self._pause(POLL_S)
            else:
                return

    @property
    def first_ns(self) -> int:
        """When the host saw the first token."""
        return self._seen_ns[0]

    @property
    def last_ns(self) -> int:
        """When the host saw the last one."""
        return self._seen_ns[-1]

    @property
    def device_ns(self) -> int | None:
        """From the beginning to the last token on the device; None on the CPU."""
        return elapsed_ns(self._events[0], self._events[self.marks]) if self._events else None

    def gaps(self) -> tuple[int, ...]:
        """Nanoseconds between tokens, one fewer than tokens: on the device where there is one."""
        if not self._events:
            return tuple(later - earlier for earlier, later in pairwise(self._seen_ns))
        return tuple(elapsed_ns(*pair) for pair in pairwise(self._events[1 : self.marks + 1]))
