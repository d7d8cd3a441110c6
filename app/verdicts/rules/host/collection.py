"""garbage-collection: Python's collector stops the loop and looks at every object it knows."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.telling import lost, measured_ns, share_evidence, share_text, too_few
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

LARGEST_SHARE: Final = 0.05
"""Of the time. A twentieth is about what a change of one line (`gc.freeze`) has to be worth before it is worth reading;
PyTorch's own trainers (torchtitan, Megatron-LM) call the collector by hand at an interval for stalls of this size."""


def garbage_collection(window: Window) -> Verdict | Missing | None:
    """Collections take more than a twentieth of the time."""
    if missing := too_few(window, "garbage-collection"):
        return missing
    happened = window.happened.get("garbage-collection")
    total = measured_ns(window)
    if happened is None or not total or happened.wall_ns < LARGEST_SHARE * total:
        return None
    share = happened.wall_ns / total
    return lost(
        window,
        "garbage-collection",
        share=share,
        without="no collections",
        says=f"{share_text(share)} of the time goes into {happened.count:,} collections of Python's garbage",
        evidence=(
            share_evidence("time in collections", share, limit=LARGEST_SHARE, source="events"),
            Evidence(name="collections", value=happened.count, source="events"),
            Evidence(name="time of one", value=happened.wall_ns / happened.count, unit="ns", source="events"),
        ),
        try_this="gc.collect(); gc.freeze() before the loop, and gc.set_threshold(100_000, 50, 1000); "
        "look for code that makes many objects a step",
        confidence="high",
    )
