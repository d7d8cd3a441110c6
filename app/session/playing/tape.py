"""What was read of a session, kept in memory: any instant of it is brought back by feeding a session anew.

At every so much of what feeding costs, the session as it was is kept beside the frames, so that an instant costs
what was told since then alone. Copies never leave this process. No process, no file and no clock of a screen here.
"""

from __future__ import annotations

import pickle
from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from app.session.live.session import LiveSession
from app.session.planning.plan import Plan
from app.session.playing.instants import told_ns
from app.session.playing.rows import cut, end_after, end_before
from workloads.wire.columns import length
from workloads.wire.frames import AnyFrame, Requests, Steps

COPY_AT: Final = 1_000
"""So many frames, or samples by PER_FRAME, lie between two copies: what is fed in some 50 ms."""
PER_FRAME: Final = 40
"""Samples that cost as much as a frame does."""
MOST_COPIES: Final = 64
MOST_COPY_BYTES: Final = 64 << 20
"""Of all copies together: one of a session with eight GPUs takes a megabyte."""
AHEAD_NS: Final = 2_000_000_000
"""Samples are told together with those of a second after them at most."""
FRAME_BYTES: Final = 400
"""What any frame takes besides its columns, about."""


class Tape:
    """Frames in their order, and a session that is fed with those up to one instant."""

    def __init__(self, plan: Plan) -> None:
        self._frames: list[AnyFrame] = []
        self._told: list[int] = []
        """When each was told; never falling."""
        self._copies: list[tuple[int, bytes]] = []
        """Frames before it, and the session that was fed with them."""
        self._copy_at = COPY_AT
        self._since_copy = 0.0
        self._next = 0
        self._parts: dict[int, AnyFrame | None] = {}
        """What is left of frames from the next one on that were fed in part."""
        self.session = LiveSession(plan)
        self._copy(0)
        self.at_ns = 0
        """What was told by then has been fed, as far as it is `_complete`."""
        self._complete = False
        self.bytes = 0
        """In memory, about; without copies."""
        self.oldest_ns = 0
        """Instants before this one cannot be brought back; 0 as long as nothing was forgotten."""

    @property
    def newest_ns(self) -> int:
        """When the last frame was told."""
        return self._told[-1] if self._told else 0

    def add(self, frame: AnyFrame) -> None:
        """The next frame; it is fed when one seeks."""
        at_ns = told_ns(frame)
        before = self.newest_ns
        self._frames.append(frame)
        self._told.append(before if at_ns is None else max(before, at_ns))
        self.bytes += FRAME_BYTES + _column_bytes(frame)
        self._complete = False

    def seek(self, to_ns: int, spent: Callable[[], bool] = lambda: False) -> bool:
        """Bring an instant back, or go on with that until the time is `spent` → whether it is there."""
        if self._complete and to_ns == self.at_ns:
            return True
        self._complete = False
        self._start_from(to_ns)
        while self._next < len(self._frames) and self._told[self._next] <= to_ns:
            self._feed_next()
            if spent():
                self.at_ns = self._told[self._next - 1]
                return False
        self._feed_parts(to_ns)
        self.at_ns, self._complete = to_ns, True
        return True

    def step(self, from_ns: int, by: int, run: int) -> int | None:
        """The end of the next sample of a run, or (`by` −1) of the one before; None: there is none on the tape."""
        if by > 0:
            places = range(bisect_right(self._told, from_ns), len(self._frames))
            end_of = end_after
        else:
            places = range(bisect_right(self._told, from_ns + AHEAD_NS) - 1, -1, -1)
            end_of = end_before
        frames = (self._frames[number] for number in places)
        ends = (end_of(f, from_ns) for f in frames if isinstance(f, Steps | Requests) and f.run == run and not f.rank)
        return next((end_ns for end_ns in ends if end_ns is not None), None)

    def forget_before(self, at_ns: int) -> None:
        """Let go of what lies before the last copy before an instant, where nothing stands yet."""
        place = bisect_right(self._told, at_ns)
        kept = max((number for number, _ in self._copies if number <= min(place, self._next)), default=0)
        if not kept:
            return
        self.oldest_ns = self._told[kept - 1]
        self.bytes -= sum(FRAME_BYTES + _column_bytes(frame) for frame in self._frames[:kept])
        del self._frames[:kept], self._told[:kept]
        self._copies = [(number - kept, copy) for number, copy in self._copies if number >= kept]
        self._next -= kept
        self._parts = {number - kept: part for number, part in self._parts.items()}

    def _start_from(self, to_ns: int) -> None:
        """Take the session that is nearest before the instant: the one that is there, or a copy."""
        place = bisect_right(self._told, to_ns)
        number, copy = max((each for each in self._copies if each[0] <= place), key=lambda each: each[0])
        if to_ns >= self.at_ns and number <= self._next:
            return
        self.session = pickle.loads(copy)  # noqa: S301 - made by this process, in its own memory
        self._next, self._parts = number, {}
        self.at_ns = self._told[number - 1] if number else 0

    def _feed_next(self) -> None:
        frame = self._parts.pop(self._next, self._frames[self._next])
        if frame is not None:
            self.session.feed(frame)
        self._next += 1
        if self._next > self._copies[-1][0] and not self._parts:
            self._since_copy += 1 + _samples(self._frames[self._next - 1]) / PER_FRAME
            if self._since_copy >= self._copy_at:
                self._copy(self._next)

    def _feed_parts(self, to_ns: int) -> None:
        """Of frames that were told later, the samples that had ended by then."""
        after = bisect_right(self._told, to_ns + AHEAD_NS)
        for number in range(self._next, after):
            frame = self._parts.get(number, self._frames[number])
            if not isinstance(frame, Steps | Requests):
                continue
            ended, self._parts[number] = cut(frame, to_ns)
            if ended is not None:
                self.session.feed(ended)

    def _copy(self, number: int) -> None:
        """Keep the session as it is; of too many copies every other one goes, and the next ones lie further apart."""
        self._copies.append((number, pickle.dumps(self.session, pickle.HIGHEST_PROTOCOL)))
        self._since_copy = 0.0
        if len(self._copies) > MOST_COPIES or sum(len(copy) for _, copy in self._copies) > MOST_COPY_BYTES:
            self._copies = self._copies[::2]
            self._copy_at *= 2


def _samples(frame: AnyFrame) -> int:
    column = frame.start_ns if isinstance(frame, Steps) else frame.done_ns if isinstance(frame, Requests) else b"I"
    try:
        return length(column)
    except ValueError:
        return 0


def _column_bytes(frame: AnyFrame) -> int:
    if not isinstance(frame, Steps | Requests):
        return 0
    return sum(len(value) for name in frame.__struct_fields__ if isinstance(value := getattr(frame, name), bytes))
