"""How input-bound reads, whichever rule found it: in a step, between steps or between answers."""

from __future__ import annotations

from collections.abc import Sequence

from app.verdicts.rules.host.input_cause import Cause
from app.verdicts.rules.telling import WORTH_A_WARNING, Confidence, lost
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Verdict


def lost_to_input(
    window: Window,
    cause: Cause,
    *,
    share: float,
    says: str,
    evidence: Sequence[Evidence],
    confidence: Confidence,
    without: str = "no data wait",
) -> Verdict:
    """A part of the time that is lost to data that is late; `says` goes on with its cause."""
    return lost(
        window,
        "input-bound",
        share=share,
        without=without,
        says=f"{says}{cause.says}",
        evidence=(*evidence, *cause.evidence),
        try_this=cause.next,
        confidence=confidence,
        experiment="resident-batch",
        warns=WORTH_A_WARNING,
    )
