"""What a journal says of why one run was not faster: its verdicts, experiments and profiles. Bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from app.session.manifest import PrimaryVerdict
from workloads.wire.frames import Effect, Profile, Verdicts

MOST_CHANGES: Final = 1_000
MOST_EFFECTS: Final = 100
MOST_PROFILES: Final = 20


@dataclass
class Explained:
    """Of one run."""

    whole: Verdicts | None = None
    live: Verdicts | None = None
    primaries: list[PrimaryVerdict] = field(default_factory=list)
    effects: dict[str, Effect] = field(default_factory=dict)
    profiles: list[Profile] = field(default_factory=list)

    def take(self, frame: Verdicts | Effect | Profile) -> None:
        """What is said next."""
        match frame:
            case Verdicts():
                if frame.whole:
                    self.whole = frame
                else:
                    self.live = frame
                    self._note_primary(frame)
            case Effect():
                if frame.experiment in self.effects or len(self.effects) < MOST_EFFECTS:
                    self.effects[frame.experiment] = frame
            case Profile():
                self.profiles = [*self.profiles, frame][-MOST_PROFILES:]

    def _note_primary(self, frame: Verdicts) -> None:
        first = frame.verdicts[0] if frame.verdicts else None
        now = PrimaryVerdict(at_ns=frame.at_ns)
        if first is not None:
            now = PrimaryVerdict(at_ns=frame.at_ns, kind=first.kind, severity=first.severity)
        before = self.primaries[-1] if self.primaries else PrimaryVerdict(at_ns=0)
        if (now.kind, now.severity) != (before.kind, before.severity):
            self.primaries = [*self.primaries, now][-MOST_CHANGES:]
