"""Garbage collections, as events: a long one may explain a slow step, and many short ones a slow run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from workloads.wire.frames import Event

LONG_NS: Final = 1_000_000
"""From here on a collection is told by itself; a step that it may explain takes some milliseconds."""


class Collections:
    """Listens to the collector (`gc.callbacks`), in whatever thread it collects; two collections never overlap."""

    def __init__(self, tell: Callable[[Event], None], clock: Callable[[], int] = time.monotonic_ns) -> None:
        """`tell` may be called from any thread."""
        self._tell, self._clock = tell, clock
        self._began_ns = 0
        self._short: list[tuple[int, int]] = []

    def __call__(self, phase: str, info: Mapping[str, int]) -> None:
        """The collector begins or has ended; half a microsecond for both."""
        if phase == "start":
            self._began_ns = self._clock()
            return
        took_ns = self._clock() - self._began_ns
        if took_ns < LONG_NS:
            self._short.append((self._began_ns, took_ns))
            return
        text = f"generation {info.get('generation')}, {info.get('collected', 0):,} objects freed"
        self._tell(Event(at_ns=self._began_ns, kind="garbage-collection", wall_ns=took_ns, text=text))

    def tell_short(self) -> None:
        """Tell the short ones since the last time together, where they come to as much as a long one."""
        short, self._short = self._short, []
        took_ns = sum(took for _, took in short)
        if took_ns >= LONG_NS:
            text = f"{len(short):,} short collections"
            self._tell(Event(at_ns=short[0][0], kind="garbage-collection", wall_ns=took_ns, text=text))
