"""What a journal says of why one run was not faster: its verdicts, experiments and profiles. Bounded."""

from __future__ import annotations

from typing import Final

from app.session.live.why import Why
from app.session.store.manifest import PrimaryVerdict
from workloads.wire.frames import Effect, Profile, Verdicts

MOST_CHANGES: Final = 1_000
MOST_EFFECTS: Final = 100
MOST_PROFILES: Final = 20


class Explained(Why):
    """Of one run: more than a screen keeps, and how the primary verdict changed."""

    def __init__(self) -> None:
        super().__init__(most_effects=MOST_EFFECTS, most_profiles=MOST_PROFILES)
        self.primaries: list[PrimaryVerdict] = []

    def take(self, frame: Verdicts | Effect | Profile) -> None:
        """What is said next."""
        super().take(frame)
        if isinstance(frame, Verdicts) and not frame.whole:
            self._note_primary(frame)

    def _note_primary(self, frame: Verdicts) -> None:
        first = frame.verdicts[0] if frame.verdicts else None
        now = PrimaryVerdict(at_ns=frame.at_ns)
        if first is not None:
            now = PrimaryVerdict(at_ns=frame.at_ns, kind=first.kind, severity=first.severity)
        before = self.primaries[-1] if self.primaries else PrimaryVerdict(at_ns=0)
        if (now.kind, now.severity) != (before.kind, before.severity):
            self.primaries = [*self.primaries, now][-MOST_CHANGES:]
