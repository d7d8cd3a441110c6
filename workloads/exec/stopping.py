"""How a command is asked to end: as Ctrl+C does, then more firmly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workloads.exec.guard import INTERRUPT, KILL, TERMINATE

LADDER: Final = ((0.0, INTERRUPT), (10.0, TERMINATE), (15.0, KILL))
"""Seconds after the wish to stop, and what is done then. A script that saves a checkpoint on Ctrl+C has the time."""


class Stopping:
    """The ladder, from the wish to stop on."""

    def __init__(self, order: Callable[[bytes], None]) -> None:
        self._order = order
        self._since_s: float | None = None
        self._step = 0

    @property
    def begun(self) -> bool:
        """Whether the command was asked to end."""
        return self._since_s is not None

    def begin(self, now_s: float) -> None:
        """Ask it to end. Once is enough."""
        if self._since_s is None:
            self._since_s = now_s
        self.tick(now_s)

    def tick(self, now_s: float) -> None:
        """Time passes: what is due is done."""
        while self._since_s is not None and self._step < len(LADDER) and now_s - self._since_s >= LADDER[self._step][0]:
            self._order(LADDER[self._step][1])
            self._step += 1
