"""recompiling: torch.compile finds that what it made does not fit the call, and makes it anew."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.telling import busy_ns, limit, lost, share_evidence, share_text, too_few, verdict
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

ENOUGH: Final = 0.05
"""Of the time. A loop that runs has nothing left to compile, so even a twentieth is a mistake to mend."""

OFTEN: Final = 0.25
"""Compilations a step, from which on it is the loop that has something new compiled again and again; one evaluation, or
a branch that is first taken, brings a few."""

LIMIT: Final = 8
"""`torch._dynamo.config.recompile_limit`: a function that was compiled more often runs without the compiler for good.
So many recompilations in the run so far tell that one may be at it."""

TRY = (
    "torch.compile(…, dynamic=True) or torch._dynamo.mark_dynamic(batch, 0) where shapes change, tensors in the place "
    "of Python numbers that change; TORCH_LOGS=recompiles says which guard failed"
)


def recompiling(window: Window) -> Verdict | Missing | None:
    """Recompilations take time after the start, or came so often that the compiler gives up."""
    if again := _anew(window):
        return again
    happened, total = window.happened.get("recompile"), busy_ns(window)
    so_far = sum(event.kind == "recompile" for event in window.course.events)
    if happened is None and so_far < LIMIT:
        return too_few(window, "recompiling")
    count = happened.count if happened is not None else 0
    share = happened.wall_ns / total if happened is not None and total > 0 else 0.0
    often = Evidence(name="recompilations so far", value=max(so_far, count), limit=LIMIT, source="events")
    if share >= limit(window, "recompiling", ENOUGH):
        return lost(
            window,
            "recompiling",
            share=share,
            without="no recompilation",
            says=f"{share_text(share)} of the time goes into {count:,} recompilation{'s' if count != 1 else ''}",
            evidence=(share_evidence("time in recompilations", share, limit=ENOUGH, source="events"), often),
            try_this=TRY,
            confidence="high",
        )
    if max(so_far, count) < LIMIT:
        return None
    return verdict(
        window,
        "recompiling",
        severity="warning",
        says=f"{max(so_far, count):,} recompilations so far; after {LIMIT} of one function it runs without the "
        "compiler",
        evidence=(often,),
        try_this=TRY,
    )


def _anew(window: Window) -> Verdict | None:
    """A function that is made in the loop is new each time: no guard of what was compiled before ever fails."""
    happened, steps, total = window.happened.get("compile"), window.steps, busy_ns(window)
    if happened is None or steps is None or window.phase == "warmup" or total <= 0:
        return None
    share = happened.wall_ns / total
    if happened.count < max(LIMIT, OFTEN * steps.count) or share < limit(window, "recompiling", ENOUGH):
        return None
    count = Evidence(name="compilations", value=happened.count, limit=OFTEN * steps.count, source="events")
    return lost(
        window,
        "recompiling",
        share=share,
        without="no compilation",
        says=f"{share_text(share)} of the time goes into {happened.count:,} compilations of what is new in each step",
        evidence=(share_evidence("time in compilations", share, limit=ENOUGH, source="events"), count),
        try_this="call torch.compile once, before the loop, on a function that takes what changes as a tensor; no "
        "torch.compiler.reset() in the loop",
        confidence="high",
    )
