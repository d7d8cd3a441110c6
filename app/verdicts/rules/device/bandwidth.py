"""bandwidth-bound: the device's memory moves what it can. As it should be; what is left is to move fewer bytes."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.device.processor import bandwidth_bound_on_cpu
from app.verdicts.rules.device.roof import FEW, LARGEST_DRAM, SATURATED, is_sparse, under, works
from app.verdicts.rules.inference.decode import decode_bandwidth_bound
from app.verdicts.rules.reached import Reached, reached
from app.verdicts.rules.readings import Activity, activity, gauge_evidence, on_cpu, on_gpu, over, why_absent
from app.verdicts.rules.settings import can_be_compiled, setting
from app.verdicts.rules.telling import limit, share_evidence, share_text, verdict
from app.verdicts.window import Window
from workloads.wire.frames import Missing, Verdict

MEMORY_BUSY: Final = 80.0
"""Per cent, NVML's memory utilization: the share of time with any traffic. 100 for copies within an H200, 25 for large
products. It is no bandwidth, so a verdict from it alone has low confidence."""
COPIES: Final = "the largest bandwidth that copies reach"


def bandwidth_bound(window: Window) -> Verdict | Missing | None:
    """DRAM is nearer to its limit than arithmetic, and either near to it or busy all the time."""
    if isinstance(decode_bandwidth_bound(window), Verdict):
        return None
    if on_cpu(window):
        return bandwidth_bound_on_cpu(window)
    if not on_gpu(window):
        return None
    seen, got = activity(window), reached(window)
    if seen.dram is None:
        return _without_counters(window, got)
    saturated = seen.dram >= limit(window, "bandwidth-bound", SATURATED)
    if under(seen) != "memory" or is_sparse(seen) or not (saturated or (works(seen) and seen.dram >= FEW)):
        return None
    return _told(window, seen.dram, seen)


def _told(window: Window, dram: float, seen: Activity) -> Verdict:
    saturated = dram >= SATURATED
    used = f"{share_text(dram / 100)} of DRAM bandwidth"
    return verdict(
        window,
        "bandwidth-bound",
        says=f"{used} is used" if saturated else f"memory is its nearest limit: {used} is used",
        evidence=(
            *gauge_evidence(window, "dram_percent", SATURATED if saturated else FEW),
            *gauge_evidence(window, "dram_bytes_per_s"),
            *(gauge_evidence(window, seen.unit) if seen.unit else ()),
            *gauge_evidence(window, "sm_active_percent"),
            *reached(window).evidence(),
        ),
        try_this=_next(window),
        bound=LARGEST_DRAM / dram,
        better=COPIES,
        confidence="high" if saturated else "medium",
        experiment=_experiment(window),
    )


def _next(window: Window) -> str:
    if _experiment(window):
        line = 'torch.autocast("cuda", torch.bfloat16), which halves the bytes; torch.compile fuses what moves them'
        return setting(window, "precision", "bfloat16", line)
    if can_be_compiled(window):
        line = "model = torch.compile(model): fused operators move their bytes once"
        return setting(window, "compile", True, line)
    return "fewer bytes: smaller types for what is kept, or a larger batch for each reading of the weights"


def _experiment(window: Window) -> str:
    started = window.started
    calculates = started is not None and (window.hooked or bool(started.flops_per_unit))
    return "bfloat16" if calculates and window.precision in ("float32", "tf32") else ""


def _without_counters(window: Window, got: Reached) -> Verdict | Missing | None:
    """Of a device without GPM: from the bytes that the workload counts, or from the time with any traffic."""
    share, busy = _counted_share(window, got), over(window, "memory_busy_percent")
    if share is not None and share >= SATURATED / 100 and share > (got.arithmetic or 0.0):
        bound = LARGEST_DRAM / 100 / share
        says = f"counted bytes are {share_text(share)} of DRAM bandwidth"
    elif share is None and got.arithmetic is None and busy is not None and busy >= MEMORY_BUSY:
        bound = None
        says = f"memory is read or written {share_text(busy / 100)} of the time"
    elif share is not None or (busy is not None and busy < MEMORY_BUSY):
        return None
    else:
        return Missing("bandwidth-bound", why_absent(window, "dram_percent"))
    counted = (
        ()
        if share is None
        else (share_evidence("counted bytes of DRAM bandwidth", share, limit=SATURATED / 100, source="counted"),)
    )
    return verdict(
        window,
        "bandwidth-bound",
        says=says,
        evidence=(*counted, *gauge_evidence(window, "memory_busy_percent", MEMORY_BUSY), *got.evidence()),
        try_this=_next(window),
        bound=bound,
        better=COPIES,
        confidence="medium" if share is not None else "low",
        experiment=_experiment(window),
    )


def _counted_share(window: Window, got: Reached) -> float | None:
    """Bytes that the workload counts, of memory clock × bus width."""
    facts, started = window.facts, window.started
    if facts is None or not facts.dram_limit_bytes_per_s or got.bytes_per_s is None or started is None:
        return None
    if started.moves_over != "dram":
        return None
    share = got.bytes_per_s / max(1, started.ranks) / facts.dram_limit_bytes_per_s
    return share if share <= 1.0 else None
