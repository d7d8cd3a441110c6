"""The same engine over frames of the past: what it would have said, had it listened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from app.session.planning.plan import Plan
from app.verdicts.engine import LOOK_NS, Engine
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import SESSION, AnyFrame, Done, Gauges, Phase, Requests, RunStarted, Steps


def explained(plan: Plan, frames: Iterable[AnyFrame], *, looking: bool = True) -> Iterator[AnyFrame]:
    """Frames in the order of time → verdicts and effects, each said at its instant.

    A run that never ended is over with the last instant that is known. Not `looking`: what is said of all of a run,
    and not what was said of it second by second, which of a long one takes most of the time.
    """
    engine = Engine(plan)
    going: int | None = None
    looked_ns = newest_ns = 0
    for frame in frames:
        if isinstance(frame, RunStarted | Phase) and frame.run != going:
            if going is not None:
                yield from engine.end(going, newest_ns)
            going = frame.run
        engine.feed(frame)
        newest_ns = max(newest_ns, _instant(frame))
        if looking and newest_ns - looked_ns >= LOOK_NS:
            looked_ns = newest_ns
            yield from engine.look(newest_ns)
        if isinstance(frame, Done) and frame.run == going and frame.run != SESSION:
            yield from engine.end(going, frame.at_ns)
            going = None
    if going is not None:
        yield from engine.end(going, newest_ns)


def _instant(frame: AnyFrame) -> int:
    """When it was told, as far as that matters; samples are told when the last of them has ended."""
    with suppress(ValueError, IndexError):
        match frame:
            case Gauges() | Phase() | Done():
                return frame.at_ns
            case Steps():
                return unpack_integers(frame.start_ns)[-1] + unpack_integers(frame.wall_ns)[-1]
            case Requests():
                return unpack_integers(frame.done_ns)[-1]
    return 0
