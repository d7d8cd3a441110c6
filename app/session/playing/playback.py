"""Where one is in a session that is played: the viewer's clock → an instant of the session. Pure.

Every function gives another `Playback`. Instants of the session are those of its host's clock, or of a time that two
sessions have in common; `clock_ns` is the viewer's own.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec.structs import replace

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
"""Times as fast as it was."""

State = Literal["playing", "paused", "at the end"]


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """One is at `at_ns` when the viewer's clock says `since_ns`, and goes on from there, or stays."""

    began_ns: int
    ended_ns: int
    at_ns: int
    since_ns: int = 0
    speed: float = 1.0
    playing: bool = False

    def now(self, clock_ns: int) -> int:
        """The instant of the session that is to be seen; never beyond either end."""
        gone_ns = round((clock_ns - self.since_ns) * self.speed) if self.playing else 0
        return max(self.began_ns, min(self.ended_ns, self.at_ns + gone_ns))

    def state(self, clock_ns: int) -> State:
        """What it does."""
        if self.now(clock_ns) >= self.ended_ns:
            return "at the end"
        return "playing" if self.playing else "paused"


def at_end(began_ns: int, ended_ns: int) -> Playback:
    """How a session is opened: at its last instant."""
    return Playback(began_ns=began_ns, ended_ns=max(began_ns, ended_ns), at_ns=max(began_ns, ended_ns))


def toggled(playback: Playback, clock_ns: int) -> Playback:
    """Play, or pause. At the end it is played again from the beginning."""
    match playback.state(clock_ns):
        case "playing":
            return _set(playback, clock_ns, playing=False)
        case "paused":
            return _set(playback, clock_ns, playing=True)
        case "at the end":
            return replace(playback, at_ns=playback.began_ns, since_ns=clock_ns, playing=True)


def moved(playback: Playback, clock_ns: int, to_ns: int) -> Playback:
    """At another instant; it plays on if it played."""
    going = playback.state(clock_ns) == "playing"
    to_ns = max(playback.began_ns, min(playback.ended_ns, to_ns))
    return replace(playback, at_ns=to_ns, since_ns=clock_ns, playing=going and to_ns < playback.ended_ns)


def stepped(playback: Playback, clock_ns: int, to_ns: int) -> Playback:
    """At another instant, and there it stays."""
    return replace(moved(playback, clock_ns, to_ns), playing=False)


def sped(playback: Playback, clock_ns: int, by: int) -> Playback:
    """Faster or slower by so many of SPEEDS."""
    place = min(range(len(SPEEDS)), key=lambda number: abs(SPEEDS[number] - playback.speed))
    speed = SPEEDS[max(0, min(len(SPEEDS) - 1, place + by))]
    return replace(_set(playback, clock_ns, playing=playback.state(clock_ns) == "playing"), speed=speed)


def _set(playback: Playback, clock_ns: int, *, playing: bool) -> Playback:
    return replace(playback, at_ns=playback.now(clock_ns), since_ns=clock_ns, playing=playing)
