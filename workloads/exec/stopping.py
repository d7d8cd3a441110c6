"""How a command is asked to end: as Ctrl+C does or with SIGTERM, then more firmly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workloads.exec.guard import INTERRUPT, KILL, TERMINATE

LADDER: Final = ((0.0, INTERRUPT), (10.0, TERMINATE), (15.0, KILL))
"""Seconds after the wish to stop, and what is done then. A script that saves a checkpoint on Ctrl+C has the time."""
TERMINATING: Final = ((0.0, TERMINATE), (15.0, KILL))
"""The same where it was SIGTERM that came: schedulers and containers send it, and a script may save on it alone."""


class Stopping:
    """The ladder, from the wish to stop on."""

    def __init__(self, order: Callable[[bytes], None]) -> None:
        self._order = order
        self._ladder: tuple[tuple[float, bytes], ...] = LADDER
        self._since_s: float | None = None
        self._step = 0

    @property
    def begun(self) -> bool:
        """Whether the command was asked to end."""
        return self._since_s is not None

    @property
    def firmly(self) -> bool:
        """Whether it was asked already, so that what is done now is more than to ask."""
        return self._step > 0

    def begin(self, now_s: float, *, terminate: bool = False) -> None:
        """Ask it to end. Once is enough."""
        if self._since_s is None:
            self._since_s = now_s
            self._ladder = TERMINATING if terminate else LADDER
        self.tick(now_s)

    def tick(self, now_s: float) -> None:
        """Time passes: what is due is done."""
        if self._since_s is None:
            return
        while self._step < len(self._ladder) and now_s - self._since_s >= self._ladder[self._step][0]:
            self._order(self._ladder[self._step][1])
            self._step += 1
