"""Which stretches of time count: those that are measured, and until there are any those of the warm-up."""

from __future__ import annotations

from collections import deque
from typing import Final

from workloads.wire.frames import Phase, PhaseName

MOST: Final = 4_096
"""Stretches that are kept: an instant that is asked about is seconds old, and phases last longer than a millisecond."""


class Counting:
    """Of one run, from the phases of its first rank."""

    def __init__(self, *, hooked: bool) -> None:
        """`hooked`: it is a script that is only listened to, of which nobody may ever say a phase."""
        self._hooked = hooked
        self.phase: Phase | None = None
        """That goes on, or was the last."""
        self.first_ns: int | None = None
        """When measuring began; None: it has not."""
        self.ended_ns: int | None = None
        self._stretches: deque[tuple[int, int | None, bool]] = deque(maxlen=MOST)
        """From, to (None: it goes on), and whether it is measured."""

    @property
    def now(self) -> bool:
        """Whether samples of now count."""
        return self.ended_ns is None and self.counts(self.phase.phase if self.phase else None)

    def counts(self, phase: PhaseName | None) -> bool:
        """Whether samples of a phase count, as things stand."""
        if phase is None:  # a script that nobody has spoken in yet: its devices are what there is
            return self._hooked
        return phase == "measure" or (phase == "warmup" and self.first_ns is None)

    def counted_at(self, at_ns: int) -> bool:
        """Whether an instant counts."""
        measured = self._in_what(at_ns)
        return measured or (measured is False and self.first_ns is None)

    def measured_at(self, at_ns: int) -> bool:
        """Whether it is measured."""
        return self._in_what(at_ns) is True

    def enter(self, phase: Phase) -> None:
        """A phase begins, and the one before it ends."""
        self._close(phase.at_ns)
        self.phase = phase
        measured = phase.phase == "measure"
        if measured and self.first_ns is None:
            self.first_ns = phase.at_ns
        if self.counts(phase.phase):
            self._stretches.append((phase.at_ns, None, measured))

    def end(self, at_ns: int) -> None:
        """The run is over; the first word about that counts."""
        if self.ended_ns is None:
            self._close(at_ns)
            self.ended_ns = at_ns

    def forget(self) -> None:
        """What was measured so far is of another configuration."""
        self.first_ns = None
        self._stretches.clear()

    def _close(self, at_ns: int) -> None:
        """What counted until now ends."""
        if not self._stretches or self._stretches[-1][1] is not None:
            return
        from_ns, _, measured = self._stretches.pop()
        self._stretches.append((from_ns, max(from_ns, at_ns), measured))

    def _in_what(self, at_ns: int) -> bool | None:
        """Whether what counted at an instant was measured; None where nothing counted."""
        if self.phase is None and self._hooked:
            return True
        for from_ns, to_ns, measured in reversed(self._stretches):
            if from_ns <= at_ns:
                return measured if to_ns is None or at_ns <= to_ns else None
        return None
