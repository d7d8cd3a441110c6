"""What a view says of the session's being played. Plain data, for the screen."""

from __future__ import annotations

import msgspec

from app.session.playing.outline import Outline
from app.session.playing.playback import Playback, State


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """A session that is over, at one of its instants."""

    began_ns: int
    ended_ns: int
    at_ns: int
    """Where one is, or is about to be."""
    speed: float
    state: State
    seeking: bool = False
    """The picture is still of another instant: this one is being looked for."""
    outline: Outline = Outline()

    @property
    def share(self) -> float:
        """How much of the session lies before, 0 to 1."""
        return (self.at_ns - self.began_ns) / max(1, self.ended_ns - self.began_ns)


def played_at(at_ns: int, playback: Playback, clock_ns: int, outline: Outline, *, seeking: bool) -> Played:
    """What is played, where one is at that instant of it, or is about to be."""
    return Played(
        began_ns=playback.began_ns,
        ended_ns=playback.ended_ns,
        at_ns=at_ns,
        speed=playback.speed,
        state=playback.state(clock_ns),
        seeking=seeking,
        outline=outline,
    )
