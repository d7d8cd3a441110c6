"""What a view says of the session's being played. Plain data, for the screen."""

from __future__ import annotations

import msgspec

from app.session.playing.outline import Outline
from app.session.playing.playback import State


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
