"""What happened now and then in a run → how often and how long in its last seconds, and in all that it measured."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from app.verdicts.window import Happened
from workloads.wire.frames import Event

MOST: Final = 4_096
"""That are kept, whatever a journal says: more than a window of two minutes has of what is worth telling."""


class RunEvents:
    """Of one run."""

    def __init__(self) -> None:
        self._recent: deque[Event] = deque(maxlen=MOST)
        self._whole: dict[str, Happened] = {}

    def take(self, event: Event, *, counted: bool, measured: bool) -> None:
        """The next one; only what was measured is a part of the whole."""
        if counted:
            self._recent.append(event)
        if measured:
            _add(self._whole, event)

    def forget(self) -> None:
        """What was measured so far is of another configuration."""
        self._whole.clear()

    def recent(self, from_ns: int, to_ns: int) -> dict[str, Happened]:
        """Those that began between two instants, by kind."""
        return _together(event for event in self._recent if from_ns <= event.at_ns <= to_ns)

    def whole(self) -> dict[str, Happened]:
        """Of all that was measured, by kind."""
        return dict(self._whole)


def _together(events: Iterable[Event]) -> dict[str, Happened]:
    found: dict[str, Happened] = {}
    for event in events:
        _add(found, event)
    return found


def _add(found: dict[str, Happened], event: Event) -> None:
    known, wall_ns = found.get(event.kind), max(0, event.wall_ns)
    found[event.kind] = Happened(
        count=known.count + 1 if known else 1, wall_ns=wall_ns + (known.wall_ns if known else 0), last=event
    )
