"""A bad line between a program and its terminal: so many bytes a second, so long a round trip, and no end of buffers.

What the program sends is taken at once, as an SSH server and its network do, and arrives when the line has
carried it; what is typed or answered takes half a round trip back.
"""

from __future__ import annotations

import heapq
import select
import time
from collections.abc import Mapping, Sequence

from tests.terminal import Terminal

PIECE = 64
"""Bytes that arrive together."""


class LineTerminal(Terminal):
    """A terminal at the other end of a line."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int,
        rows: int,
        bytes_per_s: float,
        trip_s: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._bytes_per_s = bytes_per_s
        self._delay_s = trip_s / 2
        self._free_at = 0.0
        self._under_way: list[tuple[float, int, bytes | None, bytes]] = []
        """Heap of (when it arrives, number, downwards, upwards)."""
        self._number = 0
        super().__init__(command, columns=columns, rows=rows, environment=environment)

    @property
    def queued_s(self) -> float:
        """How long the line needs for what was sent already."""
        return max(0.0, self._free_at - time.monotonic())

    def press(self, keys: str) -> None:
        """Type at the far end."""
        self._answer(keys.encode())

    def pump(self, seconds: float) -> bool:
        """Let time go by until a piece arrives at the terminal → whether one did."""
        until = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            arrived = False
            while self._under_way and self._under_way[0][0] <= now:
                _, _, down, up = heapq.heappop(self._under_way)
                if down is None:
                    super()._answer(up)
                else:
                    self._arrive(down)
                    arrived = True
            if arrived or now >= until:
                return arrived
            due = self._under_way[0][0] if self._under_way else until
            readable, _, _ = select.select((self._master,), (), (), max(0.0, min(due, until) - now))
            if readable:
                data = self._read()
                if not data:
                    return False
                self._carry(data)

    def _answer(self, data: bytes) -> None:
        self._put(time.monotonic() + self._delay_s, None, data)

    def _carry(self, data: bytes) -> None:
        for at in range(0, len(data), PIECE):
            piece = data[at : at + PIECE]
            self._free_at = max(self._free_at, time.monotonic()) + len(piece) / self._bytes_per_s
            self._put(self._free_at + self._delay_s, piece, b"")

    def _put(self, when: float, down: bytes | None, up: bytes) -> None:
        self._number += 1
        heapq.heappush(self._under_way, (when, self._number, down, up))
