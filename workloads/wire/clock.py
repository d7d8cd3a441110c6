"""Two hosts, two clocks: how far one is from the other, and times of one as times of the other.

The conductor measures with exchanges of Ping and Pong and tells the offset; the process on the other host
adds it to every time that it sends. So a journal knows one clock, whatever hosts wrote it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from msgspec.structs import replace

from workloads.wire.frames import INSTANTS, AnyFrame

ALIGN: Final = "--align"
"""Tells a worker, a relay or a sampler that its clock is another than the conductor's."""
SLEW_NS: Final = 5_000_000_000
"""A correction is spread over this long: half of the time until the next one."""
LEAD_NS: Final = 500_000_000
"""A correction begins this long after it was told: after every time that was sent by then."""
SLOWEST: Final = 2
"""A clock that is set back still advances by a nanosecond in two: a large correction takes longer instead."""
KEPT: Final = 32
"""Corrections that are remembered, five minutes of them; a row that waited to be packed is of seconds ago."""


@dataclass(frozen=True)
class Exchange:
    """One Ping and its Pong: two instants of the asking host's clock around two of the answering host's."""

    sent_ns: int
    received_ns: int
    replied_ns: int
    back_ns: int

    @property
    def offset_ns(self) -> int:
        """What must be added to the answering clock to get the asking one.

        −θ of RFC 5905 (NTP version 4), section 8: θ = ((T2 − T1) + (T3 − T4)) / 2.
        """
        return ((self.sent_ns - self.received_ns) + (self.back_ns - self.replied_ns)) // 2

    @property
    def error_ns(self) -> int:
        """The largest error that the offset can have: δ / 2, rounded up.

        δ = (T4 − T1) − (T3 − T2) of RFC 5905, section 8: what the line took both ways. It may all have been one way.
        """
        return -(-((self.back_ns - self.sent_ns) - (self.replied_ns - self.received_ns)) // 2)


@dataclass(frozen=True)
class _Course:
    """The offset over a stretch of time: one number before it, a straight line in it, another number after it."""

    begin_ns: int
    end_ns: int
    before_ns: int
    after_ns: int

    def offset_ns(self, at_ns: int) -> int:
        """The offset at an instant of this host's clock."""
        if at_ns >= self.end_ns:
            return self.after_ns
        if at_ns <= self.begin_ns:
            return self.before_ns
        part = (self.after_ns - self.before_ns) * (at_ns - self.begin_ns)
        return self.before_ns + part // (self.end_ns - self.begin_ns)


class AlignedClock:
    """Times of this host's clock as times of the conductor's.

    The first offset holds at once and for all times, since nothing was sent before it. Each further one is
    approached along a straight line that never falls faster than time goes on. So the conversion is one
    function that never decreases, and times in the order in which they happened stay in that order, within a
    column and from frame to frame, whenever they are converted.

    One thread sets it while others convert. Before it is set, times stay as they are.
    """

    def __init__(self) -> None:
        self._courses: tuple[_Course, ...] = ()

    def set(self, offset_ns: int, now_ns: int) -> None:
        """The offset, as it was measured now; `now_ns` is this host's clock."""
        if not self._courses:
            self._courses = (_Course(now_ns, now_ns, offset_ns, offset_ns),)
            return
        begin_ns = now_ns + LEAD_NS
        before_ns = self._offset(begin_ns)
        end_ns = begin_ns + max(SLEW_NS, SLOWEST * (before_ns - offset_ns))
        self._courses = (*self._courses[-KEPT + 1 :], _Course(begin_ns, end_ns, before_ns, offset_ns))

    def time(self, at_ns: int) -> int:
        """One instant."""
        return at_ns + self._offset(at_ns)

    def times(self, at_ns: Sequence[int]) -> Sequence[int]:
        """Many, in their order. A column of a second or two lies within one course, which is the quick way."""
        courses = self._courses
        if not at_ns or not courses:
            return at_ns
        first, last = min(at_ns), max(at_ns)
        course = courses[_place(courses, first)]
        if course is not courses[_place(courses, last)]:
            return [self.time(instant) for instant in at_ns]
        if first >= course.end_ns:
            return [instant + course.after_ns for instant in at_ns]
        if last <= course.begin_ns:
            return [instant + course.before_ns for instant in at_ns]
        if first < course.begin_ns or last > course.end_ns:
            return [instant + course.offset_ns(instant) for instant in at_ns]
        begin, before = course.begin_ns, course.before_ns
        rise, length = course.after_ns - before, course.end_ns - begin
        return [instant + before + rise * (instant - begin) // length for instant in at_ns]

    def frame(self, frame: AnyFrame) -> AnyFrame:
        """A frame with its instant converted. Columns are converted where they are packed."""
        instants = {name: self.time(getattr(frame, name)) for name in INSTANTS if hasattr(frame, name)}
        return replace(frame, **instants) if instants else frame

    def _offset(self, at_ns: int) -> int:
        courses = self._courses
        return courses[_place(courses, at_ns)].offset_ns(at_ns) if courses else 0


def _place(courses: Sequence[_Course], at_ns: int) -> int:
    """Which course an instant lies in; all that is older than the first lies in that."""
    return max(0, bisect_right(courses, at_ns, key=_begin_of) - 1)


_begin_of = attrgetter("begin_ns")
