"""What rules have in common: when steps are too few, and how a verdict reads. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from app.verdicts.kinds import Kind
from app.verdicts.rule import FEWEST_STEPS, amdahl
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

Confidence = Literal["high", "medium", "low"]
Severity = Literal["info", "warning", "critical"]

CRITICAL_SHARE = 0.5
"""More than this part of the time is lost: the run would be at least twice as fast without it."""


def too_few(window: Window, kind: Kind) -> Missing | None:
    """Says so where the window holds too few steps (or answers) for a mean."""
    count, what = (window.steps.count, "steps") if window.steps else (0, "steps")
    if window.steps is None and window.requests is not None:
        count, what = window.requests.count, "answers"
    if count >= FEWEST_STEPS:
        return None
    return Missing(kind, f"{count or 'no'} {what} in the last {window.seconds:.0f} s, {FEWEST_STEPS} are needed")


def measured_ns(window: Window) -> int:
    """The time that shares are of: that of the steps, else that of the requests."""
    if window.steps is not None:
        return window.steps.wall_ns
    return round(window.requests.seconds * 1e9) if window.requests is not None else 0


def share_text(share: float) -> str:
    """`34 %`, `4.2 %` of a fraction."""
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"


def share_evidence(name: str, share: float, *, limit: float | None = None, source: str = "steps") -> Evidence:
    """A fraction as a number of per cent."""
    return Evidence(name=name, value=100 * share, unit="%", limit=None if limit is None else 100 * limit, source=source)


def lost(
    window: Window,
    kind: Kind,
    *,
    share: float,
    without: str,
    says: str,
    evidence: Sequence[Evidence],
    try_this: str,
    confidence: Confidence = "medium",
    experiment: str = "",
) -> Verdict:
    """A warning about a part of the time that is lost, which Amdahl bounds; `without` as in `no data wait`."""
    bound = amdahl(share)
    return Verdict(
        kind=kind,
        severity="critical" if share > CRITICAL_SHARE else "warning",
        summary=f"{kind}: {says}",
        evidence=tuple(evidence),
        next=try_this,
        bound=bound,
        bound_because=f"{without} would give at most {bound:.2f}×",
        confidence=confidence,
        from_ns=window.from_ns,
        to_ns=window.to_ns,
        experiment=experiment,
    )
