"""memory-growth: memory is taken step by step and never given back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.text.numbers import bytes_text, rate
from app.verdicts.rules.telling import share_text, verdict
from app.verdicts.rules.trend import trend
from app.verdicts.window import Course, Window
from workloads.wire.frames import Evidence, Missing, Verdict

SETTLING: Final = 0.3
"""Of the run so far, at its start, that is left out: libraries, caches and the first batches take memory for good."""

FEWEST: Final = 11
"""Stretches of what is left: fewer cannot be surer than SURE, though each is larger than all before it."""

GROWN: Final = 0.05
GROWN_BYTES: Final = 32 << 20
"""How much of it must have come since: pools of the allocators of C and Python move by some MiB on their own."""

SURE: Final = 4.0
"""Of Mann and Kendall's z. Memory that leaks hardly ever falls."""

SOON_S: Final = 3600.0
"""Until memory is full; sooner is critical."""


def memory_growth(window: Window) -> Verdict | Missing | None:
    """Memory of the GPU or of the host grows throughout the run."""
    course = window.course
    known = sum(one is not None for one in course.rss_bytes)
    if known * (1 - SETTLING) < FEWEST:
        if window.steps is None and window.requests is None:
            return None
        return Missing("memory-growth", f"the run is too short: {known} stretches of time so far")
    means = window.gpus[0].means if window.gpus else {}
    total, used = means.get("memory_total_bytes"), means.get("memory_used_bytes")
    free = total - used if total is not None and used is not None else None
    device = _grown(window, course, course.device_memory_bytes, "device memory", free)
    return device or _grown(
        window, course, course.rss_bytes, "resident memory", window.host.means.get("memory_available_bytes")
    )


def _grown(
    window: Window, course: Course, readings: Sequence[float | None], name: str, free: float | None
) -> Verdict | None:
    rest = readings[round(SETTLING * len(readings)) :]
    found = trend(rest, FEWEST)
    if found is None or found.z < SURE or not found.steady:
        return None
    grown = found.last - found.first
    if found.change < GROWN or grown < GROWN_BYTES:
        return None
    per_s = found.slope / (course.stretch_ns * 1e-9) if course.stretch_ns else 0.0
    left_s = free / per_s if free is not None and per_s > 0 else None
    evidence = [
        Evidence(name=f"{name} now", value=found.last, unit="bytes", source="proc"),
        Evidence(name="growth", value=per_s, unit="bytes/s"),
        Evidence(name="Mann–Kendall z", value=found.z, limit=SURE),
    ]
    until = ""
    if free is not None and left_s is not None:
        evidence.append(Evidence(name="memory left", value=free, unit="bytes"))
        until = f", full in {_span(left_s)}"
    return verdict(
        window,
        "memory-growth",
        severity="critical" if left_s is not None and left_s < SOON_S else "warning",
        says=f"{name} grows by {rate(per_s)}, {share_text(found.change)} so far (to {bytes_text(found.last)}){until}",
        evidence=evidence,
        try_this="look for what is kept from step to step: losses.append(loss.item()) in the place of loss, which "
        "keeps its whole graph, outputs without .detach(), lists and caches without an end",
        confidence="high",
        from_ns=course.from_ns,
    )


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.0f} s"
