"""Turns what a person asks of a timeline into another place in the session. Draws nothing and reads no session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from app.session.playing.jumps import jump_ns
from app.session.playing.outline import Kind, Outline, next_sign
from app.session.playing.playback import Playback, moved, sped, stepped, toggled

SECOND_NS = 1_000_000_000
NEAR_NS = 500_000_000
"""Whoever plays on and asks for what was before means not the one that was passed just now."""


@runtime_checkable
class Playable(Protocol):
    """What can be played; `app.session.playing.player.Player` is a session."""

    playback: Playback | None
    """Where one is to be; None as long as it is not known how long it is."""

    @property
    def outline(self) -> Outline:
        """What may be jumped to."""

    def step_ns(self, by: int) -> int | None:
        """The end of the next step, or of the one before; None: there is none."""


class Playing:
    """The hand on the timeline."""

    def __init__(self, played: Playable, clock: Callable[[], int]) -> None:
        self._played = played
        self._clock = clock
        self.note = ""
        """Why what was asked for last had no effect; empty: it had."""

    @property
    def outline(self) -> Outline:
        """What may be jumped to."""
        return self._played.outline

    @property
    def known(self) -> bool:
        """Whether there is a timeline yet."""
        return self._played.playback is not None

    def toggle(self) -> None:
        """Play or pause."""
        self._change(toggled)

    def speed(self, by: int) -> None:
        """Faster or slower."""
        self._change(lambda playback, clock_ns: sped(playback, clock_ns, by))

    def second(self, by: int) -> None:
        """So many seconds on, and pause."""
        self._change(lambda playback, now: stepped(playback, now, playback.now(now) + by * SECOND_NS))

    def step(self, by: int) -> None:
        """To the next end of a step or request, or to the one before, and pause."""
        at_ns = self._played.step_ns(by)
        if at_ns is None:
            self.note = f"the present run has no step {'after' if by > 0 else 'before'} this instant"
        else:
            self._change(lambda playback, now: stepped(playback, now, at_ns))

    def sign(self, kinds: tuple[Kind, ...], by: int, none: str) -> None:
        """To the next sign of some kinds, or to the one before; `none` is said where there is none."""
        playback, clock_ns = self._played.playback, self._clock()
        if playback is None:
            return
        from_ns = playback.now(clock_ns) - (NEAR_NS if by < 0 and playback.state(clock_ns) == "playing" else 0)
        found = next_sign(self.outline.of(*kinds), from_ns, by)
        if found is None:
            self.note = f"there is no {none} {'after' if by > 0 else 'before'} this instant"
        else:
            self.to(found.at_ns)

    def start(self) -> None:
        """The first instant."""
        self._change(lambda playback, now: moved(playback, now, playback.began_ns))

    def end(self) -> None:
        """The last instant."""
        self._change(lambda playback, now: moved(playback, now, playback.ended_ns))

    def to(self, at_ns: int) -> None:
        """An instant."""
        self._change(lambda playback, now: moved(playback, now, at_ns))

    def typed(self, text: str) -> int:
        """What was typed, as an instant. Raises ValueError, one line."""
        if self._played.playback is None:
            raise ValueError("the session is still being read")
        return jump_ns(text, self._played.playback, self._played.playback.now(self._clock()))

    def _change(self, to: Callable[[Playback, int], Playback]) -> None:
        self.note = ""
        if self._played.playback is not None:
            self._played.playback = to(self._played.playback, self._clock())
