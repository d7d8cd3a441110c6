"""drift: steps take longer and longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.verdicts.rules.telling import limit, share_text, verdict
from app.verdicts.rules.trend import together, trend
from app.verdicts.window import Course, Window
from workloads.wire.frames import Evidence, Missing, Verdict

SLOWER: Final = 0.1
"""Step time at the end against the beginning. Repeats of an undisturbed run differ by a few per cent."""

SURE: Final = 3.0
"""Of Mann and Kendall's z: one row in a thousand without a trend is beyond it, and the look is taken every second."""

FEWEST: Final = 15
"""Stretches of the course."""

WITH: Final = 0.6
"""Kendall's τ between step time and a gauge, from which on they go together."""

CLOCK, WARMER_C, MEMORY = 0.03, 5.0, 0.05
"""How much a gauge has to change to be worth naming: a clock and memory by a part, a temperature by degrees."""


KEPT: Final = (
    "look for what is kept from step to step: losses.append(loss.item()), not loss with its graph; lists, caches and "
    "histories that every step walks through"
)
GROWS: Final = (
    "look for work that grows with the steps: lists that are walked, longer inputs, more and more hooks or log "
    "handlers, a schedule that adds work"
)


def drift(window: Window) -> Verdict | Missing | None:
    """The median step time rises throughout the run, by a tenth or more."""
    course = window.course
    known = sum(one is not None for one in course.step_ns)
    if known < FEWEST:
        if window.steps is None and window.requests is None:
            return None
        return Missing("drift", f"the run is too short: {known} stretches of time so far, {FEWEST} are needed")
    found = trend(course.step_ns, FEWEST)
    if found is None or found.z < SURE or found.change < limit(window, "drift", SLOWER) or not found.steady:
        return None
    gauge, says, advice = _goes_with(course)
    evidence = [
        Evidence(name="step time at first", value=found.first, unit="ns", source="steps"),
        Evidence(name="step time now", value=found.last, unit="ns", limit=(1 + SLOWER) * found.first, source="steps"),
        Evidence(name="Mann–Kendall z", value=found.z, limit=SURE, source="steps"),
    ]
    bound = found.last / found.first
    return verdict(
        window,
        "drift",
        severity="critical" if found.change >= 1 else "warning",
        says=f"steps take {share_text(found.change)} longer than at the beginning{says}",
        evidence=(*evidence, *gauge),
        try_this=advice,
        bound=bound,
        because=f"steps as short as at first would give {bound:.2f}×",
        confidence="high" if gauge else "medium",
        from_ns=course.from_ns,
    )


def _goes_with(course: Course) -> tuple[tuple[Evidence, ...], str, str]:
    """The gauge that step time goes with best, how that reads, and what to do about it."""
    clock, warmth = trend(course.sm_clock_mhz), trend(course.temperature_c)
    if clock and clock.change <= -CLOCK and _with(course, course.sm_clock_mhz) <= -WITH:
        warm = f", at {warmth.last:.0f} °C" if warmth else ""
        return (
            (Evidence(name="SM clock now", value=clock.last, unit="MHz", source="nvml"),),
            f", as the clock falls from {clock.first:,.0f} to {clock.last:,.0f} MHz{warm}",
            "better cooling, or a fixed clock that lasts: nvidia-smi --lock-gpu-clocks",
        )
    for readings, name, source in (
        (course.device_memory_bytes, "device memory", "torch"),
        (course.rss_bytes, "resident memory", "proc"),
    ):
        grown = trend(readings)
        if grown and grown.change >= MEMORY and _with(course, readings) >= WITH:
            return (
                (Evidence(name=f"{name} now", value=grown.last, unit="bytes", source=source),),
                f", as {name} grows by {share_text(grown.change)}",
                KEPT,
            )
    if warmth and warmth.last - warmth.first >= WARMER_C and _with(course, course.temperature_c) >= WITH:
        return (
            (Evidence(name="temperature now", value=warmth.last, unit="°C", source="nvml"),),
            f", as it warms from {warmth.first:.0f} to {warmth.last:.0f} °C",
            "better cooling, or a lower power limit that lasts",
        )
    return (), "", GROWS


def _with(course: Course, readings: Sequence[float | None]) -> float:
    return together(course.step_ns, readings)
