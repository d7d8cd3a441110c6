"""input-bound, of a script that only infers: it waits for its DataLoader longer than it answers."""

from __future__ import annotations

from app.verdicts.rules.host.input_cause import cause
from app.verdicts.rules.host.input_lost import lost_to_input
from app.verdicts.rules.inference.serving import loading_share, serves, serving_share
from app.verdicts.rules.telling import WORTH_TELLING, share_evidence, share_text, too_few
from app.verdicts.window import Window
from workloads.wire.frames import Missing, Verdict


def input_bound_serving(window: Window) -> Verdict | Missing | None:
    """Between answers a DataLoader is waited for, for a tenth of the time or more."""
    requests = serves(window)
    if requests is None or not window.hooked or window.steps is not None:
        return None
    if missing := too_few(window, "input-bound"):
        return missing
    serving = serving_share(window, requests)
    if serving is None:
        return None
    waits = loading_share(window, 1 - serving)
    if waits < WORTH_TELLING:
        return None
    return lost_to_input(
        window,
        cause(window, waits),
        share=waits,
        says=f"{share_text(waits)} of the time waits for data",
        evidence=(
            share_evidence("data wait", waits, limit=WORTH_TELLING, source="requests"),
            share_evidence("time in answers", serving, source="requests"),
        ),
        confidence="medium",
    )
