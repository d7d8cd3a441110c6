"""What stands on the time axis of all charts: knobs that were turned, and stretches of time that are disturbed.

Made from phases and events. Only the last ones are kept. Nothing is drawn here.
"""

from __future__ import annotations

from collections import deque

from msgspec.structs import replace

from app.session.live.view import Mark, MarkKind
from workloads.entries.experiments import PLAIN
from workloads.wire.frames import Done, Event, Phase

MOST = 200
"""That are kept, the newest: an axis cannot show more of them apart."""


class Marks:
    """Of one session."""

    def __init__(self) -> None:
        self._over: deque[Mark] = deque(maxlen=MOST)
        self._open: dict[int, Mark] = {}
        """Run → the disturbed stretch that it is in."""

    def take(self, frame: Phase | Event | Done) -> None:
        """A phase begins, a run ends, or something happened in it. What ranks say is said by the first of them."""
        if frame.rank:
            return
        match frame:
            case Event() if frame.kind in ("knob", "mark"):
                kind: MarkKind = "knob" if frame.kind == "knob" else "mark"
                self._over.append(
                    Mark(run=frame.run, kind=kind, from_ns=frame.at_ns, to_ns=frame.at_ns, text=frame.text)
                )
            case Phase() if frame.phase in ("experiment", "profile"):
                self._disturb(frame)
            case Phase() | Done():
                self._close(frame.run, frame.at_ns)

    def view(self) -> tuple[Mark, ...]:
        """As they are now, oldest first."""
        return tuple(sorted((*self._over, *self._open.values()), key=lambda mark: mark.from_ns))

    def _disturb(self, frame: Phase) -> None:
        """An experiment is many phases, one a block; on the axis it is one stretch."""
        kind: MarkKind = "experiment" if frame.phase == "experiment" else "profile"
        before = self._open.get(frame.run)
        text = "" if frame.case == PLAIN else frame.case or ""
        if before is not None and before.kind == kind and (not text or before.text in ("", text)):
            self._open[frame.run] = replace(before, text=before.text or text)
            return
        self._close(frame.run, frame.at_ns)
        self._open[frame.run] = Mark(run=frame.run, kind=kind, from_ns=frame.at_ns, text=text)

    def _close(self, run: int, at_ns: int) -> None:
        if (mark := self._open.pop(run, None)) is not None:
            self._over.append(replace(mark, to_ns=max(at_ns, mark.from_ns)))
