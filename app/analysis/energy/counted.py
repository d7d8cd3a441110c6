"""The energy between two instants by a counter that is brought up to date at its own pace. Pure.

A reading of the counter is of its last tick, so only readings whose value changed tell something new. Between them
the counter is a straight line: a window whose end lies between two ticks is given its part of the energy between
them. How far that may be off is told with it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Reading(NamedTuple):
    """A counter, or a power, at an instant in nanoseconds."""

    at_ns: int
    value: float


class Counted(NamedTuple):
    """Energy, and how far it may be off."""

    joules: float
    error_j: float


def ticks(readings: Sequence[Reading]) -> list[Reading]:
    """Of readings in order of time those at which the counter had moved on, and the first.

    A counter that ran backwards began anew; what was before that cannot be held against what comes after, and is
    left out.
    """
    kept: list[Reading] = []
    for reading in readings:
        if kept and reading.value < kept[-1].value:
            kept.clear()
        if not kept or reading.value > kept[-1].value:
            kept.append(reading)
    return kept


def counted(
    ticked: Sequence[Reading], powers: Sequence[Reading], begin_ns: int, end_ns: int, tick_ns: int
) -> Counted | None:
    """Energy from `begin_ns` to `end_ns`; None where fewer than two ticks tell of it.

    `tick_ns` is the counter's own pace: at either end the energy of one tick may be missing or too much. Between two
    ticks the power may have changed, at the edge of the window of all places: with a slope of the counter before it
    and another after it, the straight line is off by no more than their difference × (t − a)(b − t) / (b − a).
    Beyond the last tick the counter goes on as it went; power readings there say how far that may be off.
    """
    if len(ticked) < 2 or ticked[-1].at_ns <= begin_ns or ticked[0].at_ns >= end_ns:
        return None
    begin, end = _at(ticked, begin_ns), _at(ticked, end_ns)
    error_j = 0.0
    for at_ns in (begin_ns, end_ns):
        error_j += _slope(ticked, at_ns) * min(tick_ns, end_ns - begin_ns) + _edge_j(ticked, powers, at_ns)
    return Counted(end - begin, error_j)


def _place(ticked: Sequence[Reading], at_ns: int) -> int:
    """The number of the stretch between two ticks that an instant lies in; the first or last for one beyond."""
    return min(max(bisect_right(ticked, at_ns, key=_instant) - 1, 0), len(ticked) - 2)


def _instant(reading: Reading) -> int:
    return reading.at_ns


def _stretch_slope(ticked: Sequence[Reading], place: int) -> float:
    """Joules a nanosecond."""
    first, last = ticked[place], ticked[place + 1]
    return (last.value - first.value) / (last.at_ns - first.at_ns)


def _slope(ticked: Sequence[Reading], at_ns: int) -> float:
    return _stretch_slope(ticked, _place(ticked, at_ns))


def _at(ticked: Sequence[Reading], at_ns: int) -> float:
    """The counter at an instant, along straight lines."""
    place = _place(ticked, at_ns)
    return ticked[place].value + _stretch_slope(ticked, place) * (at_ns - ticked[place].at_ns)


def _edge_j(ticked: Sequence[Reading], powers: Sequence[Reading], at_ns: int) -> float:
    """How far the straight line may be off at an instant."""
    place = _place(ticked, at_ns)
    first, last = ticked[place].at_ns, ticked[place + 1].at_ns
    if first <= at_ns <= last:
        near = [_stretch_slope(ticked, n) for n in (place - 1, place, place + 1) if 0 <= n < len(ticked) - 1]
        return (max(near) - min(near)) * (at_ns - first) * (last - at_ns) / (last - first)
    edge = last if at_ns > last else first
    slope = _stretch_slope(ticked, place)
    among = [power.value / 1e9 for power in _between(powers, min(edge, at_ns), max(edge, at_ns))]
    off = max((abs(power - slope) for power in among), default=slope)
    return off * abs(at_ns - edge)


def _between(readings: Sequence[Reading], first_ns: int, last_ns: int) -> Sequence[Reading]:
    return readings[bisect_left(readings, first_ns, key=_instant) : bisect_right(readings, last_ns, key=_instant)]
