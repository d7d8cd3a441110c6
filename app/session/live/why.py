"""What was found out about one run: its verdicts, what experiments showed, the profiles that were taken of it."""

from __future__ import annotations

from workloads.wire.frames import Effect, Profile, Verdicts

MOST_EFFECTS = 32
MOST_PROFILES = 4


class Why:
    """The newest of each; of experiments and profiles no more than so many."""

    def __init__(self, *, most_effects: int = MOST_EFFECTS, most_profiles: int = MOST_PROFILES) -> None:
        self.whole: Verdicts | None = None
        """What was said of all of the run."""
        self.live: Verdicts | None = None
        """What was said of its last seconds."""
        self._effects: dict[str, Effect] = {}
        self._profiles: tuple[Profile, ...] = ()
        self._most_effects, self._most_profiles = most_effects, most_profiles

    def take(self, frame: Verdicts | Effect | Profile) -> None:
        """Something was found out."""
        match frame:
            case Verdicts():
                if frame.whole:
                    self.whole = frame
                else:
                    self.live = frame
            case Effect():
                if frame.experiment in self._effects or len(self._effects) < self._most_effects:
                    self._effects[frame.experiment] = frame
            case Profile():
                self._profiles = (*self._profiles, frame)[-self._most_profiles :]

    @property
    def verdicts(self) -> Verdicts | None:
        """A verdict over all of a run stays, whatever is said of its last seconds afterwards."""
        return self.live if self.whole is None else self.whole

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The last that was said of each experiment, in the order in which they were begun."""
        return tuple(self._effects.values())

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """The last ones, oldest first."""
        return self._profiles
