"""A fixed rate without drift: readings are due at whole periods after the first, however long one takes.

A reading that took too long costs those that it overlapped; they are never made up for in a burst.
Knows no clock: the time is an argument.
"""

from __future__ import annotations


class Schedule:
    """Instants at `start_ns + n × period`."""

    def __init__(self, start_ns: int, hz: float) -> None:
        self._start_ns = start_ns
        self._hz = hz
        self._index = 0

    def next_ns(self, now_ns: int) -> int:
        """The next instant that is due after the one before and not before now."""
        period_ns = 1e9 / self._hz
        elapsed = -(-(now_ns - self._start_ns) // period_ns)
        self._index = max(self._index + 1, int(elapsed))
        return self._start_ns + round(self._index * period_ns)


class Every:
    """Says of every n-th reading that it is the one that also asks what costs more."""

    def __init__(self, hz: float, seconds: float = 1.0) -> None:
        self._readings = max(1, round(hz * seconds))
        self._count = 0

    def due(self) -> bool:
        """Whether this reading is one; the first is."""
        self._count += 1
        return (self._count - 1) % self._readings == 0
