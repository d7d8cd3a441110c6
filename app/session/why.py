"""What was found out about one run: its verdicts, what experiments showed, the profiles that were taken of it."""

from __future__ import annotations

from workloads.wire.frames import Effect, Profile, Verdicts

MOST_EFFECTS = 32
MOST_PROFILES = 4


class Why:
    """The newest of each. A verdict over all of a run stays, whatever is said of its last seconds afterwards."""

    def __init__(self) -> None:
        self.verdicts: Verdicts | None = None
        self._effects: dict[str, Effect] = {}
        self._profiles: tuple[Profile, ...] = ()

    def take(self, frame: Verdicts | Effect | Profile) -> None:
        """Something was found out."""
        match frame:
            case Verdicts():
                if frame.whole or self.verdicts is None or not self.verdicts.whole:
                    self.verdicts = frame
            case Effect():
                if frame.experiment in self._effects or len(self._effects) < MOST_EFFECTS:
                    self._effects[frame.experiment] = frame
            case Profile():
                self._profiles = (*self._profiles, frame)[-MOST_PROFILES:]

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The last that was said of each experiment, in the order in which they were begun."""
        return tuple(self._effects.values())

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """The last ones, oldest first."""
        return self._profiles
