"""At the end of the plan, what a reader of its repeats must be warned of: on the screen, in log and manifest."""

from __future__ import annotations

from app.analysis.judging.policy import Decision, Situation
from app.analysis.judging.told_cautions import told_cautions
from workloads.wire.frames import Finding


def warn(situation: Situation) -> Decision:
    """A finding for each caution."""
    if situation.next is not None:
        return Decision()
    return Decision(
        findings=tuple(
            Finding(at_ns=0, kind=caution.kind, message=f"{who}: {caution.message}", remedy=caution.remedy)
            for who, caution in told_cautions(situation.variants)
        )
    )
