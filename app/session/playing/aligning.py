"""One time for two sessions: where each of them is at any of its instants. Pure.

Where both go on, that time goes on as fast as the one that takes longer, so that neither is ever played faster than
the speed that was asked for; where one waits for the other, it stands.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from app.session.playing.ways import Way


class Alignment:
    """Instants of the common time, from 0 on, and of both sessions. None of them ever falls."""

    def __init__(self, knots: Sequence[tuple[int, int, int]]) -> None:
        """Common, first, second; at least one."""
        self._common, first, second = (tuple(knot[place] for knot in knots) for place in range(3))
        self._own = (first, second)

    @property
    def length_ns(self) -> int:
        """Of the common time."""
        return self._common[-1]

    def own_ns(self, side: int, common_ns: int) -> int:
        """Where a session (0 or 1) is."""
        return _read(self._common, self._own[side], common_ns)

    def common_ns(self, side: int, own_ns: int) -> int:
        """When a session is at an instant of its own; of several such times the first."""
        return _read(self._own[side], self._common, own_ns)


def aligned(first: Way, second: Way) -> Alignment:
    """Both are always equally far."""
    marks = sorted({place.far for way in (first, second) for place in way.places})
    knots = [(0, first.first_ns(marks[0]), second.first_ns(marks[0]))]
    for number, far in enumerate(marks):
        if number:
            _go(knots, first.first_ns(far), second.first_ns(far))
        _go(knots, first.last_ns(far), second.last_ns(far))
    return Alignment(knots)


def _go(knots: list[tuple[int, int, int]], first_ns: int, second_ns: int) -> None:
    """On to the next place of both."""
    common_ns, one_ns, two_ns = knots[-1]
    first_ns, second_ns = max(one_ns, first_ns), max(two_ns, second_ns)
    took_ns = max(first_ns - one_ns, second_ns - two_ns)
    if took_ns:
        knots.append((common_ns + took_ns, first_ns, second_ns))


def _read(places: Sequence[int], values: Sequence[int], at: int) -> int:
    after = bisect_right(places, at)
    if not after:
        return values[0]
    if places[after - 1] == at:
        # Of a stretch on which the places stand, its beginning.
        return values[bisect_left(places, at)]
    if after == len(places):
        return values[-1]
    share = (at - places[after - 1]) / (places[after] - places[after - 1])
    return values[after - 1] + round((values[after] - values[after - 1]) * share)
