"""Rates: the difference between two readings of a counter, over the time between them.

The first reading has none, and a counter that ran backwards gives none; both are absent with a reason.
"""

from __future__ import annotations

from collections.abc import Callable

from app.telemetry.host_border import Transferred

FIRST = "the first reading: a rate needs two"
BACKWARDS = "the counter ran backwards: a disk or an interface went away"


class Rate:
    """A pair of byte counters → bytes a second."""

    def __init__(self, received: str, sent: str) -> None:
        self._names = (received, sent)
        self._before: tuple[int, Transferred] | None = None

    def read(
        self,
        at_ns: int,
        counters: Callable[[], Transferred | None],
        readings: dict[str, float],
        absent: dict[str, str],
    ) -> None:
        """Ask the counters; put the rates since the call before into `readings`, or the reason into `absent`."""
        before = self._before
        try:
            now = counters()
        except OSError as error:
            absent.update(dict.fromkeys(self._names, reason(error)))
            return
        if now is None:
            absent.update(dict.fromkeys(self._names, "this machine counts none"))
            return
        self._before = (at_ns, now)
        if before is None or at_ns <= before[0]:
            absent.update(dict.fromkeys(self._names, FIRST))
            return
        seconds = (at_ns - before[0]) / 1e9
        for name, count, earlier in zip(self._names, now, before[1], strict=True):
            if count < earlier:
                absent[name] = BACKWARDS
            else:
                readings[name] = (count - earlier) / seconds


def reason(error: OSError) -> str:
    """An error of the system in a few words."""
    return f"{error.strerror or error}: {error.filename}" if error.filename else str(error.strerror or error)
