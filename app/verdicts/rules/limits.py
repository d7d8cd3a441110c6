"""How a verdict about a device at its limit reads: what it reaches, of what, and how much the limit leaves. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.verdicts.kinds import Kind
from app.verdicts.rules.telling import Confidence, Severity
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Verdict


def at_limit(
    window: Window,
    kind: Kind,
    *,
    says: str,
    evidence: Sequence[Evidence],
    try_this: str,
    bound: float | None = None,
    because: str = "",
    confidence: Confidence = "medium",
    severity: Severity = "info",
    experiment: str = "",
) -> Verdict:
    """What holds the run is a device, not the time around it; `because` says why no more than `bound` can be had."""
    return Verdict(
        kind=kind,
        severity=severity,
        summary=f"{kind}: {says}",
        evidence=tuple(evidence),
        next=try_this,
        bound=None if bound is None else max(1.0, bound),
        bound_because=because,
        confidence=confidence,
        from_ns=window.from_ns,
        to_ns=window.to_ns,
        experiment=experiment,
    )
