"""sync-bound: the host waits for the GPU again and again, and the GPU for the host right after."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.occupied import Occupied, gpu_busy
from app.verdicts.rules.readings import on_gpu
from app.verdicts.rules.telling import WORTH_A_WARNING, WORTH_TELLING, limit, lost, share_evidence, share_text, too_few
from app.verdicts.window import StepSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict

SEVERAL: Final = 0.25
"""Of the step in reads, of which there are several: after each the GPU has nothing to do until the host has thought of
something, so that its idle time is theirs. With less of it, launches are slow by themselves."""


HINDERS: Final = 0.2
"""Of the time, that the GPU is idle beyond what the reads wait, from which on launches are slow as well (see there).
What helps those most is a CUDA graph, and none can hold a read (CUDA semantics: nothing may wait for a stream that is
captured); nor can the host get ahead of a device that it asks again and again. So several reads in each step have to go
first, and are warned of as soon as they are told."""


def sync_bound(window: Window) -> Verdict | Missing | None:
    """Host and GPU work one after the other, because the host reads results in between.

    Without the reads a step would take as long as the longer of both: the host's own part, wall − wait, or the GPU's
    busy part. So a wait at the end of a step that the GPU works through costs nothing. On the CPU there is nothing
    to wait for.
    """
    steps = window.steps
    if not on_gpu(window) or (steps is None and window.requests is not None):
        return None
    missing = too_few(window, "sync-bound")
    if steps is None or missing is not None:
        return missing
    if steps.sync_ns is None:
        return Missing("sync-bound", "time in synchronising reads is not measured")
    waits, busy = steps.sync_ns / max(1, steps.wall_ns), gpu_busy(window)
    if busy is None and waits >= WORTH_TELLING:
        return Missing("sync-bound", "whether the GPU is idle after each read: it tells no activity")
    if busy is None or min(waits, 1 - busy.share) < limit(window, "sync-bound", WORTH_TELLING):
        return None
    return _told(window, steps, waits, busy)


def _told(window: Window, steps: StepSums, waits: float, busy: Occupied) -> Verdict:
    evidence = [share_evidence("host waits in reads", waits, limit=WORTH_TELLING), busy.evidence]
    count = ""
    if steps.syncs is not None:
        evidence.append(Evidence(name="reads a step", value=steps.syncs / steps.count, source="steps"))
        count = f" ({steps.syncs / steps.count:,.0f} reads a step)" if steps.syncs >= 1.5 * steps.count else ""
    return lost(
        window,
        "sync-bound",
        share=min(waits, 1 - busy.share),
        without="no synchronising reads",
        says=f"the host waits {share_text(waits)} of the step for results{count}, the GPU is idle "
        f"{share_text(1 - busy.share)} of the time",
        evidence=evidence,
        try_this="no .item(), .cpu(), print(tensor) or `if tensor:` in every step: keep the sum on the GPU "
        "(total += loss.detach()) and read it every 100 steps; torch.cuda.set_sync_debug_mode('warn') names the lines",
        confidence="high",
        experiment="no-sync",
        warns=WORTH_TELLING if _are_several(steps) and 1 - busy.share - waits >= HINDERS else WORTH_A_WARNING,
    )


def explained_by_reads(window: Window, idle: float) -> float:
    """Part of the time that a GPU is idle because the host reads: all of it where every step has several long ones."""
    steps = window.steps
    if steps is None or not steps.sync_ns or not steps.wall_ns:
        return 0.0
    waits = steps.sync_ns / steps.wall_ns
    return idle if _are_several(steps) and waits >= SEVERAL else min(waits, idle)


def _are_several(steps: StepSums) -> bool:
    """Reads of each step."""
    return steps.syncs is not None and steps.syncs >= 2 * steps.count
