"""Verdicts in words. Standard library only."""

from __future__ import annotations

from app.text.evidence import quantity
from workloads.wire.frames import Evidence, Verdict


def verdict_line(verdict: Verdict) -> str:
    """One line: what limits, what that is worth at most, what to try."""
    bound = f"; {verdict.bound_because}" if verdict.bound_because else ""
    return f"{verdict.summary}{bound}; try: {verdict.next}" if verdict.next else f"{verdict.summary}{bound}"


def evidence_text(evidence: Evidence) -> str:
    """`data wait 63.0 % (threshold 10.0 %; steps)`."""
    threshold = None if evidence.limit is None else f"threshold {quantity(evidence.limit, evidence.unit)}"
    beside = "; ".join(each for each in (threshold, evidence.source) if each)
    return f"{evidence.name} {quantity(evidence.value, evidence.unit)}" + (f" ({beside})" if beside else "")
