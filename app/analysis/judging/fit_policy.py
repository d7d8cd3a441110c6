"""A run that does not fit the machine is not tried again: what was skipped once would be skipped each time."""

from __future__ import annotations

from app.analysis.judging.policy import Decision, Situation


def fit(situation: Situation) -> Decision:
    """Skip the repeats of an optional run that was skipped, for the same reason."""
    planned = situation.next
    if planned is None or not planned.optional:
        return Decision()
    variants = {run.run: run.variant for run in situation.plan.runs}
    skipped = (run for run in situation.over if run.outcome == "skipped" and variants.get(run.run) == planned.variant)
    return Decision(skip=next((run.reason for run in skipped if run.reason), None))
