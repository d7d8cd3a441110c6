"""At the end of the plan, what a reader of its repeats must be warned of: on the screen, in log and manifest."""

from __future__ import annotations

from app.analysis.policy import Decision, Situation
from workloads.wire.frames import Finding


def warn(situation: Situation) -> Decision:
    """A finding for each caution."""
    if situation.next is not None:
        return Decision()
    return Decision(
        findings=tuple(
            Finding(at_ns=0, kind=caution.kind, message=f"{variant.title}: {caution.message}", remedy=caution.remedy)
            for variant in situation.variants
            for caution in variant.cautions
        )
    )
