"""allocator-churn: torch asks the device for memory again and again, and each time the device is waited for."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import FEWEST_STEPS, amdahl
from app.verdicts.rules.occupied import emptying, gpu_busy
from app.verdicts.rules.readings import devices, on_gpu
from app.verdicts.rules.telling import (
    CRITICAL_SHARE,
    WORTH_TELLING,
    limit,
    measured_ns,
    share_evidence,
    share_text,
    too_few,
    verdict,
)
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

MALLOCS_A_STEP: Final = 0.1
"""Once warm, torch's caching allocator asks the device for nothing (CUDA semantics, Memory management): steps of equal
shapes make none, and steps of changing shapes fewer and fewer."""
SEGMENT_BYTES: Final = 2 << 20
"""The least that torch's caching allocator asks the device for (CUDACachingAllocator: `kSmallBuffer`)."""
FEWEST: Final = 5
"""Such requests in a window: fewer come when a longer sequence or an evaluation begins."""


def allocator_churn(window: Window) -> Verdict | Missing | None:
    """Device memory is asked for in every tenth step or more, or cached memory was given back: for room, or by hand.

    `torch.cuda.empty_cache()` waits for the device, so that only what of it the device is idle for is lost.
    """
    if not on_gpu(window):
        return None
    if missing := too_few(window, "allocator-churn"):
        return missing
    event = window.happened.get("allocator-retry")
    mallocs, retries = _grown(window, "torch_device_mallocs"), _grown(window, "torch_retries")
    if event is not None:
        retries = max(retries or 0.0, event.count)
    if mallocs is None and retries is None:
        return Missing("allocator-churn", "torch's allocator gave no readings")
    count = window.steps.count if window.steps else window.requests.count if window.requests else FEWEST_STEPS
    given_back = max(0.0, (mallocs or 0.0) - _added(window))
    often = given_back / count
    churns = often >= limit(window, "allocator-churn", MALLOCS_A_STEP) and given_back >= FEWEST
    busy, emptied = gpu_busy(window), emptying(window)
    by_hand = 0.0 if busy is None else min(emptied, 1 - busy.share)
    if not churns and not retries and by_hand < limit(window, "allocator-churn", WORTH_TELLING):
        return None
    evidence = []
    if emptied:
        evidence.append(share_evidence("in empty_cache", emptied, limit=WORTH_TELLING, source="torch"))
    if retries:
        evidence.append(Evidence(name="allocator retries", value=retries, limit=1, source="torch"))
    if mallocs is not None:
        evidence.append(Evidence(name="device mallocs a step", value=often, limit=MALLOCS_A_STEP, source="torch"))
    lost_ns = window.happened_ns("allocator-retry")
    total = measured_ns(window)
    lost = by_hand + (lost_ns / total if total else 0.0)
    says = f"{often:.1f} requests of device memory a step, where a warm allocator makes none"
    if by_hand >= WORTH_TELLING:
        says = f"torch.cuda.empty_cache() takes {share_text(emptied)} of the time, {says}"
    if retries:
        says = f"{retries:,.0f} allocations found no room until cached memory was given back in {window.seconds:.0f} s"
    return verdict(
        window,
        "allocator-churn",
        severity="critical" if lost > CRITICAL_SHARE else "warning",
        says=says,
        evidence=evidence,
        try_this=_next(full=bool(retries)),
        bound=amdahl(lost) if lost else None,
        better="no retries" if retries else "no empty_cache",
        confidence="high" if retries or by_hand >= WORTH_TELLING else "medium",
    )


def _added(window: Window) -> float:
    """Requests that may have made the memory larger, and nothing was given back for: memory that grows is no churn."""
    return max(0.0, _grown(window, "torch_reserved_bytes") or 0.0) / SEGMENT_BYTES


def _next(*, full: bool) -> str:
    if full:
        return "a smaller batch; PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True where memory lies in pieces"
    return (
        "no torch.cuda.empty_cache() in the loop; pad to a few shapes; PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True"
    )


def _grown(window: Window, name: str) -> float | None:
    known = [device.grown[name] for device in devices(window) if name in device.grown]
    return sum(known) if known else None
