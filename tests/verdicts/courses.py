"""Courses of runs for tests of rules: how it went from its beginning on."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

from app.verdicts.window import Course, Slow
from tests.verdicts.windows import MS, SECOND
from workloads.wire.frames import Event, EventKind

STRETCHES: Final = 80
STRETCH_NS: Final = SECOND // 2
FROM_NS: Final = 70 * SECOND
"""Forty seconds, up to the end of the window that `windows.window` makes."""


def row(shape: Callable[[float], float], noise: float = 0.02, stretches: int = STRETCHES) -> tuple[float, ...]:
    """A reading of each stretch: `shape` of the part of the time that is over, and some noise, always the same."""
    chance = random.Random(1)
    return tuple(shape(at / stretches) * chance.gauss(1, noise) for at in range(stretches))


def course(**rows: Any) -> Course:
    """Even steps of 50 ms and even memory, but for what is given."""
    given: dict[str, Any] = {
        "stretch_ns": STRETCH_NS,
        "from_ns": FROM_NS,
        "step_ns": row(lambda _: 50.0 * MS),
        "rss_bytes": row(lambda _: 8e8, noise=0.001),
    }
    return Course(**given | rows)


def stalls(every_s: float, each_ms: float, count: int = 8, jitter: float = 0.0) -> tuple[Slow, ...]:
    """Steps that take so long, the last one a second before the window ends."""
    chance = random.Random(2)
    last = 109 * SECOND
    return tuple(
        Slow(
            start_ns=round(last - place * every_s * SECOND * (1 + chance.uniform(-jitter, jitter))),
            wall_ns=round(each_ms * MS),
        )
        for place in range(count)
    )


def events_at(slow: tuple[Slow, ...], kind: EventKind, text: str = "") -> tuple[Event, ...]:
    """An event of this kind in each of them, nearly as long."""
    return tuple(
        Event(run=1, at_ns=stall.start_ns + MS, kind=kind, wall_ns=stall.wall_ns - 2 * MS, text=text)
        for stall in sorted(slow, key=lambda stall: stall.start_ns)
    )
