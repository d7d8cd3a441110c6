"""Two sessions that are played together, over one time of both: by time since the start, by step, or by progress."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec.structs import replace

from app.session.live.view import EMPTY, View
from app.session.playing.aligning import Alignment, aligned
from app.session.playing.outline import Outline, Sign
from app.session.playing.paired import PairView
from app.session.playing.playback import Playback, at_end, moved, stepped
from app.session.playing.played import played_at
from app.session.playing.player import Player
from app.session.playing.ways import BYS, By, ways_of

NAMES = ("A", "B")


class PairPlayer:
    """Looks at two players, which are closed by whoever opened them."""

    def __init__(self, first: Player, second: Player, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.playback: Playback | None = None
        """In the common time; None until both have been read once."""
        self.outline = Outline()
        """What stands on the bar: of both, by the common time."""
        self.by: By = "time"
        self._sides = (first, second)
        self._views: tuple[View, View] = (EMPTY, EMPTY)
        self._clock = clock
        self._alignment = Alignment([(0, 0, 0)])
        self._goal_ns = 0
        self._of: Playback | None = None
        self._reached = True

    def look(self, now_ns: int, budget_s: float = 0.03) -> PairView:
        """Both at the instant where one is; `now_ns` is the viewer's clock. Raises UnknownVersion."""
        if self.playback is not None:
            self._place(self.playback, now_ns)
        views = tuple(side.look(now_ns, budget_s / 2) for side in self._sides)
        first, second = views
        if self.playback is None and all(side.playback is not None for side in self._sides):
            self._align(at_end(0, 0), now_ns)
            self._goal_ns = self.playback.now(now_ns) if self.playback else 0
        if self.playback is None:
            read = [1.0 if view.catching_up is None else view.catching_up for view in views]
            return PairView(first=first, second=second, catching_up=sum(read) / 2)
        self._reached = not any(view.played is not None and view.played.seeking for view in views)
        if self._reached:
            self._views = (first, second)
        played = played_at(self._goal_ns, self.playback, now_ns, self.outline, seeking=not self._reached)
        return PairView(first=self._views[0], second=self._views[1], by=self.by, played=played)

    def step_ns(self, by: int) -> int | None:
        """The end of the next step of either, or of the one before, in the common time; None: there is none."""
        now_ns = self._goal_ns
        ends = [
            self._alignment.common_ns(number, end_ns)
            for number, side in enumerate(self._sides)
            if (end_ns := side.step_ns(by)) is not None
        ]
        found = [end_ns for end_ns in ends if (end_ns > now_ns if by > 0 else end_ns < now_ns)]
        return (min(found) if by > 0 else max(found)) if found else None

    def align(self) -> None:
        """By another thing. The first session stays where it is."""
        if self.playback is None:
            return
        self.by = BYS[(BYS.index(self.by) + 1) % len(BYS)]
        self._align(self.playback, self._clock())

    def _align(self, before: Playback, now_ns: int) -> None:
        own = [side.playback for side in self._sides]
        spans = [(playback.began_ns, playback.ended_ns) for playback in own if playback is not None]
        at_last = before.state(now_ns) == "at the end"
        here_ns = spans[0][1] if self.playback is None else self._alignment.own_ns(0, before.now(now_ns))
        self._alignment = aligned(*ways_of(self.by, [side.courses for side in self._sides], spans))
        end = replace(at_end(0, self._alignment.length_ns), speed=before.speed)
        self.playback = end if at_last else moved(end, now_ns, self._alignment.common_ns(0, here_ns))
        signs = (self._sign(number, sign) for number, side in enumerate(self._sides) for sign in side.outline.signs)
        self.outline = Outline(tuple(sorted(signs, key=lambda sign: sign.at_ns)))

    def _sign(self, side: int, sign: Sign) -> Sign:
        return replace(sign, at_ns=self._alignment.common_ns(side, sign.at_ns), text=f"{NAMES[side]} {sign.text}")

    def _place(self, playback: Playback, now_ns: int) -> None:
        """Send both to where they are to be, once they have come to where they were sent before."""
        if not self._reached and playback == self._of:
            return
        self._goal_ns, self._of = playback.now(now_ns), playback
        for number, side in enumerate(self._sides):
            if side.playback is not None:
                to_ns = self._alignment.own_ns(number, self._goal_ns)
                if side.playback.at_ns != to_ns:
                    side.playback = stepped(side.playback, now_ns, to_ns)
