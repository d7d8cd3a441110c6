"""garbage-collection: Python's collector stops the loop and looks at every object it knows."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.telling import busy_ns, limit, lost, share_evidence, share_text, too_few
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

ENOUGH: Final = 0.05
"""Of the time. Less than for other kinds, since the remedy is one line and changes no result; large trainers
(torchtitan's `gc_freq`, Megatron-LM's `--manual-gc`) collect by hand for stalls of this size."""


def garbage_collection(window: Window) -> Verdict | Missing | None:
    """Collections take more than a twentieth of the time."""
    happened, total = window.happened.get("garbage-collection"), busy_ns(window)
    if happened is None or total <= 0:
        return too_few(window, "garbage-collection")
    share = happened.wall_ns / total
    if share < limit(window, "garbage-collection", ENOUGH):
        return None
    return lost(
        window,
        "garbage-collection",
        share=share,
        without="no collections",
        says=f"{share_text(share)} of the time goes into Python's garbage collector",
        evidence=(
            share_evidence("time in collections", share, limit=ENOUGH, source="events"),
            Evidence(name="collections", value=happened.count, source="events"),
            Evidence(name="time of one", value=happened.wall_ns / happened.count, unit="ns", source="events"),
        ),
        try_this="gc.freeze() before the loop, gc.set_threshold(100_000, 50, 1000), and gc.collect() at its quiet "
        "points; or make fewer objects in a step",
        confidence="high",
    )
