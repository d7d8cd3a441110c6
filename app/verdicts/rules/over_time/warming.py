"""warming-up: what is measured now is not what the run will do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.verdicts.rules.occupied import crowded
from app.verdicts.rules.telling import share_text, verdict
from app.verdicts.rules.trend import Trend, trend
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

FASTER: Final = 0.1
"""Step time now against the beginning of the stretches that are looked at."""

SURE: Final = 3.0
"""Of Mann and Kendall's z, below −3."""

LAST: Final = 15
"""Stretches, the newest: what was slow long ago has ended. The whole course must have fallen too: it is a warm-up."""

FEWEST: Final = 8


def _falling(step_ns: Sequence[float | None]) -> Trend | None:
    found = trend(step_ns, FEWEST)
    return found if found and found.z <= -SURE and found.change <= -FASTER else None


def warming_up(window: Window) -> Verdict | Missing | None:
    """The warm-up goes on, or steps still become shorter."""
    found = _falling(window.course.step_ns[-LAST:])
    if found is not None and found.steady and _falling(window.course.step_ns) is not None and not crowded(window):
        return verdict(
            window,
            "warming-up",
            severity="warning",
            says=f"steps still become shorter, by {share_text(-found.change)} in the last "
            f"{min(LAST, len(window.course.step_ns)) * window.course.stretch_ns * 1e-9:.0f} s",
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
