"""warming-up: what is measured now is not what the run will do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from app.verdicts.rules.occupied import crowded
from app.verdicts.rules.telling import share_text, verdict
from app.verdicts.rules.trend import Trend, trend
from app.verdicts.window import Course, Window
from workloads.wire.frames import Evidence, Missing, Verdict

FASTER: Final = 0.15
"""Step time now against the beginning of the stretches that are looked at. Processors of a shared host became 12 %
faster in 20 s under an inference loop in which nothing warms up: less than this is the machine's."""

SURE: Final = 3.0
"""Of Mann and Kendall's z, below −3."""

LAST: Final = 15
"""Stretches, the newest: what was slow long ago has ended. The whole course must have fallen too: it is a warm-up."""

LONGER: Final = (30, 60)
"""Stretches: a slow fall is only known from the spread of steps in a longer time. It goes on in each third then."""

THIRD: Final = 0.2
"""Of the change from the first third to the last, that must lie between each two; on a line it is a half."""

GOING_ON: Final = 1.5
"""Of Mann and Kendall's z, below −1.5, in the newer half: seven rows in a hundred without a trend are beyond it, and
what has ended is one."""

FEWEST: Final = 8

MORE: Final = 0.5
"""Of the time that the median step has won, that the rate must have won too. Where batches come in bunches most steps
wait for none and one waits for all, and as the bunches form the median falls while no more is done."""


def _falling(step_ns: Sequence[float | None]) -> Trend | None:
    found = trend(step_ns, FEWEST)
    return found if found and found.z <= -SURE and found.change <= -FASTER else None


def _still_falling(step_ns: Sequence[float | None]) -> tuple[Trend, int] | None:
    """The shortest end of a course that falls all the way, and how many stretches that is."""
    found = _falling(step_ns[-LAST:])
    if found is not None and found.steady:
        return found, min(LAST, len(step_ns))
    for count in LONGER:
        end = step_ns[-count:]
        if len(end) > LAST and _goes_on(end) and (found := _falling(end)) is not None:
            return found, len(end)
    return None


def _goes_on(step_ns: Sequence[float | None]) -> bool:
    """Whether it falls from third to third, and in its newer half."""
    known = [one for one in step_ns if one is not None]
    if len(known) < LAST:
        return False
    edges = [round(part * len(known) / 3) for part in range(4)]
    first, middle, last = (median(known[one:other]) for one, other in pairwise(edges))
    least = THIRD * (first - last)
    if last >= first or first - middle < least or middle - last < least:
        return False
    newer = trend(step_ns[-(len(step_ns) // 2) :], FEWEST)
    return newer is not None and newer.z <= -GOING_ON


def _does_more(course: Course, stretches: int) -> bool:
    """Whether as much more is done as steps became shorter; yes where nobody counts what is done."""
    found, steps = trend(course.units_per_s[-stretches:], FEWEST), trend(course.step_ns[-stretches:], FEWEST)
    if found is None or steps is None or found.first <= 0:
        return True
    return found.last > 0 and 1 - found.first / found.last >= MORE * -steps.change


def warming_up(window: Window) -> Verdict | Missing | None:
    """The warm-up goes on, or steps still become shorter."""
    end = _still_falling(window.course.step_ns)
    if (
        end is not None
        and _falling(window.course.step_ns) is not None
        and _does_more(window.course, end[1])
        and not crowded(window)
    ):
        found, stretches = end
        return verdict(
            window,
            "warming-up",
            severity="warning",
            says=f"steps still become shorter, by {share_text(-found.change)} in the last "
            f"{stretches * window.course.stretch_ns * 1e-9:.0f} s",
            evidence=(
                Evidence(name="step time before", value=found.first, unit="ns", source="steps"),
                Evidence(
                    name="step time now",
                    value=found.last,
                    unit="ns",
                    limit=(1 - FASTER) * found.first,
                    source="steps",
                ),
            ),
            try_this="measure later: a longer warm-up"
            + ("" if window.hooked else " (--warmup)")
            + "; compilation, caches, clocks and the first pass over the data come first",
        )
    compiled = window.happened.get("compile")
    compiles = compiled is not None and compiled.wall_ns >= FASTER * (window.to_ns - window.from_ns)
    if window.phase != "warmup" and not compiles:
        return None
    seconds = (window.to_ns - window.phase_began_ns) * 1e-9 if window.phase_began_ns is not None else window.seconds
    says = f"for {seconds:.0f} s so far" if compiled is None else f"torch.compile took {compiled.wall_ns * 1e-9:.1f} s"
    return verdict(
        window,
        "warming-up",
        says=f"the first steps are not measured yet, {says}"
        if window.phase == "warmup"
        else f"{says} of the last {window.seconds:.0f} s",
        evidence=(Evidence(name="warm-up", value=seconds * 1e9, unit="ns", source="steps"),),
        try_this="wait: what is seen now is not what the run will do",
        confidence="high",
    )
