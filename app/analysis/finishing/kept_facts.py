"""Which frames of a segment are kept beside its tables: all that no table holds, as they came, but for what is said
again and again.

A session of days then stays small: of what a process costs the last word of each segment is kept, of clocks the first,
the last and that with the largest error, and of the verdicts over the last seconds each one that tells of something
else than the one before, and one every half minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from workloads.wire.frames import (
    AnyFrame,
    ClockAligned,
    Courses,
    Event,
    Gauges,
    Log,
    Overhead,
    Pong,
    Requests,
    Rollup,
    Steps,
    Verdicts,
)

IN_TABLES: Final = (Steps, Requests, Gauges, Log, Event)
NOWHERE: Final = (Pong, Rollup, Courses)
"""What says nothing of a session, or is made of its tables again."""

VERDICTS_NS: Final = 30_000_000_000


def is_fact(frame: AnyFrame) -> bool:
    """Whether no table holds it."""
    return not isinstance(frame, IN_TABLES + NOWHERE)


def kept(facts: Iterable[AnyFrame]) -> list[AnyFrame]:
    """Of the facts of a segment those that are kept, in their order."""
    frames = list(facts)
    costs: dict[object, int] = {}
    clocks: dict[object, list[int]] = {}
    told: dict[int, Verdicts] = {}
    newest: dict[int, int] = {}
    chosen: set[int] = set()
    for place, frame in enumerate(frames):
        match frame:
            case Overhead():
                costs[frame.role, frame.host, frame.pid] = place
            case ClockAligned():
                clocks.setdefault((frame.run, frame.role, frame.host), []).append(place)
            case Verdicts() if not frame.whole:
                newest[frame.run] = place
                if _is_news(frame, told.get(frame.run)):
                    told[frame.run] = frame
                    chosen.add(place)
            case _:
                chosen.add(place)
    for places in clocks.values():
        chosen |= {places[0], places[-1], max(places, key=lambda place: _error(frames[place]))}
    chosen |= {*costs.values(), *newest.values()}
    return [frames[place] for place in sorted(chosen)]


def _error(frame: AnyFrame) -> int:
    return frame.error_ns if isinstance(frame, ClockAligned) else 0


def _is_news(frame: Verdicts, before: Verdicts | None) -> bool:
    return before is None or frame.at_ns - before.at_ns >= VERDICTS_NS or _gist(frame) != _gist(before)


def _gist(frame: Verdicts) -> list[tuple[str, str, int | None]]:
    return [(verdict.kind, verdict.severity, verdict.rank) for verdict in frame.verdicts]
