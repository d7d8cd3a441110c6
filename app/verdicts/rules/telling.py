"""What rules have in common: when steps are too few, what time shares are of, and how a verdict reads. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from app.verdicts.kinds import Kind
from app.verdicts.rule import FEWEST_STEPS, HYSTERESIS, amdahl
from app.verdicts.window import Window
from workloads.wire.frames import EventKind, Evidence, Missing, Verdict

Confidence = Literal["high", "medium", "low"]
Severity = Literal["info", "warning", "critical"]

CRITICAL_SHARE: Final = 0.5
"""More than this part of the time is lost: the run would be at least twice as fast without it."""

WORTH_TELLING: Final = 0.1
"""A part of the time that is lost is told from here on. TensorFlow's profiler calls a step moderately input-bound from
5 % and highly from 20 % (kModeratelyInfeedBoundThresholdInPercent and its neighbours); a tenth lies between them, and
above what ten seconds of an undisturbed run vary by."""

FEWEST_SLOW_STEPS: Final = 5
LONG_NS: Final = 5_000_000_000
"""Steps of a second are never twenty in a window; five of them that fill half of it tell a share well enough."""

WORTH_A_WARNING: Final = 0.15
"""What is lost below this is told without one: a sound loop over tensors in memory waits for a tenth of its time."""

STALLING: Final[tuple[EventKind, ...]] = ("garbage-collection", "checkpoint", "evaluation", "recompile", "compile")
"""Events that keep the host from everything else."""

LARGEST_SHARE: Final = 0.98
"""Above this a bound says nothing: what is left is within the error of the measurement."""


def limit(window: Window, kind: Kind, threshold: float) -> float:
    """From where on a verdict is told: its threshold, or a little less while it stands (see `HYSTERESIS`)."""
    return threshold * (HYSTERESIS if kind in window.standing else 1.0)


def too_few(window: Window, kind: Kind) -> Missing | None:
    """Says so where the window holds too few steps (or answers, or tokens of answers) for a mean."""
    if window.steps is not None:
        count, what, wall_ns = window.steps.count, "steps", window.steps.wall_ns
    elif window.requests is not None:
        count, what, wall_ns = window.requests.count, "answers", round(window.requests.seconds * 1e9)
    else:
        count, what, wall_ns = 0, "steps", 0
    if window.steps is None and window.requests is not None and (window.requests.gaps or 0) >= FEWEST_STEPS:
        return None
    if count >= FEWEST_STEPS or (count >= FEWEST_SLOW_STEPS and wall_ns >= LONG_NS):
        return None
    return Missing(kind, f"{count or 'no'} {what} in {window.seconds:.0f} s, {FEWEST_STEPS} are needed")


def measured_ns(window: Window) -> int:
    """The time that shares of a step are of: that of the steps, else that of the requests."""
    if window.steps is not None:
        return window.steps.wall_ns
    return round(window.requests.seconds * 1e9) if window.requests is not None else 0


def busy_ns(window: Window) -> int:
    """What events' time is a share of: the steps, as far as there are enough of them, else the window."""
    if window.steps is not None and window.steps.count >= FEWEST_STEPS:
        return window.steps.wall_ns
    return window.to_ns - window.from_ns


def pauses(window: Window) -> float:
    """Part of the time in events that keep the host from everything else."""
    total = busy_ns(window)
    return sum(window.happened_ns(kind) for kind in STALLING) / total if total > 0 else 0.0


def share_text(share: float) -> str:
    """`34 %`, `4.2 %` of a fraction."""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"


def share_evidence(name: str, share: float, *, limit: float | None = None, source: str = "steps") -> Evidence:
    """A fraction as a number of per cent."""
    return Evidence(name=name, value=100 * share, unit="%", limit=None if limit is None else 100 * limit, source=source)


def verdict(
    window: Window,
    kind: Kind,
    *,
    says: str,
    evidence: Sequence[Evidence],
    try_this: str,
    severity: Severity = "info",
    bound: float | None = None,
    better: str = "",
    because: str = "",
    confidence: Confidence = "medium",
    experiment: str = "",
    from_ns: int | None = None,
    rank: int | None = None,
) -> Verdict:
    """A verdict as all of them read; of a device at its limit it is no more than `info`.

    `better`: what would give `bound` at most, as in `the largest clock`. `because`: why no more can be had, where that
    needs other words.
    """
    bound = None if bound is None else max(1.0, bound)
    return Verdict(
        kind=kind,
        severity=severity,
        summary=f"{kind}: {says}",
        evidence=tuple(evidence),
        next=try_this,
        bound=bound,
        bound_because=because or ("" if bound is None else f"{better} would give at most {bound:.2f}×"),
        confidence=confidence,
        from_ns=window.from_ns if from_ns is None else from_ns,
        to_ns=window.to_ns,
        rank=rank,
        experiment=experiment,
    )


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
    warns: float = 0.0,
    rank: int | None = None,
) -> Verdict:
    """What is to be said of a part of the time that is lost, which Amdahl bounds; `without` as in `no data wait`.

    It is a warning from `warns` on.
    """
    return verdict(
        window,
        kind,
        says=says,
        evidence=evidence,
        try_this=try_this,
        severity="critical" if share > CRITICAL_SHARE else "warning" if share >= warns else "info",
        bound=amdahl(share) if share <= LARGEST_SHARE else None,
        better=without,
        confidence=confidence,
        experiment=experiment,
        rank=rank,
    )
