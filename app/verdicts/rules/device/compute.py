"""compute-bound: the device does arithmetic all the time, as it should; what is left is less or cheaper arithmetic."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.device.processor import compute_bound_on_cpu
from app.verdicts.rules.device.roof import LARGEST_ARITHMETIC, SATURATED, SM_ACTIVE, is_sparse, under, works
from app.verdicts.rules.device.tensor_cores import UNUSED
from app.verdicts.rules.inference.decode import decode_bandwidth_bound
from app.verdicts.rules.inference.prefill import prefill_compute_bound
from app.verdicts.rules.reached import Reached, reached
from app.verdicts.rules.readings import UNITS, Activity, activity, gauge_evidence, on_cpu, on_gpu, over, why_absent
from app.verdicts.rules.settings import can_be_compiled, setting
from app.verdicts.rules.telling import Confidence, limit, share_evidence, share_text, verdict
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

GOOD_MFU: Final = 0.3
"""Of the published peak. Without counters, a run that reaches as much has the device work nearly all the time: well
tuned training of language models reports 21 to 46 % (PaLM, Chowdhery et al. 2022, table 3)."""
HIGH_POWER: Final = 0.7
"""Of the board's limit. An H200 takes 0.18 of it for small kernels and for copies from the host, and 0.96 or more for
copies within its memory and for products (nvml-h200 readings)."""
MEMORY_BUSY: Final = 60.0
"""Per cent, NVML's memory utilization: 100 for those copies, 25 for the products."""


def compute_bound(window: Window) -> Verdict | Missing | None:
    """The device has work all the time, and its arithmetic is nearer to its limit than its memory."""
    if isinstance(prefill_compute_bound(window), Verdict) or isinstance(decode_bandwidth_bound(window), Verdict):
        return None
    if on_cpu(window):
        return compute_bound_on_cpu(window)
    if not on_gpu(window):
        return None
    seen, got = activity(window), reached(window)
    if works(seen) is None and seen.arithmetic is None:
        return _without_counters(window, got)
    saturated = (seen.arithmetic or 0.0) >= limit(window, "compute-bound", SATURATED)
    if not (saturated or works(seen)) or under(seen) == "memory" or is_sparse(seen):
        return None
    return _told(window, seen, got, "high" if saturated else _confidence(seen))


def _confidence(seen: Activity) -> Confidence:
    return "medium" if (seen.sm or 0.0) >= SM_ACTIVE or (seen.arithmetic or 0.0) >= SATURATED / 2 else "low"


def _met(value: float | None, threshold: float) -> float | None:
    """The threshold, where it is what the verdict stands on."""
    return threshold if value is not None and value >= threshold else None


def _told(window: Window, seen: Activity, got: Reached, confidence: Confidence) -> Verdict:
    if seen.arithmetic is not None and seen.arithmetic >= SATURATED:
        says = f"{UNITS[seen.unit]} are busy {share_text(seen.arithmetic / 100)} of the time"
    elif seen.sm is not None:
        says = f"multiprocessors are active {share_text(seen.sm / 100)} of the time"
    else:
        says = f"the device has work {share_text((seen.busy or 0.0) / 100)} of the time"
    evidence = (
        *gauge_evidence(window, "sm_active_percent", _met(seen.sm, SM_ACTIVE)),
        *(gauge_evidence(window, seen.unit, _met(seen.arithmetic, SATURATED)) if seen.unit else ()),
        *gauge_evidence(window, "dram_percent"),
        *gauge_evidence(window, "graphics_active_percent"),
        *got.evidence(),
    )
    bound, better = _bound(seen, got)
    return verdict(
        window,
        "compute-bound",
        says=says,
        evidence=evidence,
        try_this=_next(window),
        bound=bound,
        better=better,
        confidence=confidence,
        experiment=_experiment(window),
    )


def _bound(seen: Activity, got: Reached) -> tuple[float | None, str]:
    """And what would give it."""
    share, of = got.arithmetic, f"the {got.peak}"
    if share is None and seen.arithmetic:
        share, of = seen.arithmetic / LARGEST_ARITHMETIC, "the most that these units are ever busy"
    return (1 / share if share else None), of


def _precision(window: Window) -> str:
    """Of the arithmetic; empty where it is not known: a script's float32 weights may be used under autocast."""
    tensor = over(window, "tensor_active_percent")
    return (
        ""
        if window.hooked and window.precision == "float32" and tensor is not None and tensor >= UNUSED
        else window.precision
    )


def _next(window: Window) -> str:
    precision = _precision(window)
    if precision == "float32":
        line = 'torch.set_float32_matmul_precision("high"), or torch.autocast("cuda", torch.bfloat16)'
        return setting(window, "precision", "bfloat16", line)
    if can_be_compiled(window):
        return setting(window, "compile", True, "model = torch.compile(model), which fuses what is not a product")
    return "fewer operations: a smaller model, or torchao's float8 on Hopper and later"


def _experiment(window: Window) -> str:
    return {"float32": "tf32", "tf32": "bfloat16"}.get(_precision(window), "")


def _without_counters(window: Window, got: Reached) -> Verdict | Missing | None:
    """Of a device without GPM: from what the workload counted, or from power, which only work takes."""
    power, memory = _power_share(window), over(window, "memory_busy_percent")
    share = got.arithmetic
    if share is not None and share >= GOOD_MFU:
        says = f"arithmetic reaches {share_text(share)} of the {got.peak}"
    elif power is not None and power >= HIGH_POWER and memory is not None and memory < MEMORY_BUSY:
        says = f"the board takes {share_text(power)} of its power, and memory is busy {share_text(memory / 100)}"
    else:
        return Missing("compute-bound", why_absent(window, "sm_active_percent"))
    return verdict(
        window,
        "compute-bound",
        says=says,
        evidence=(
            *got.evidence(),
            *_power_evidence(power),
            *gauge_evidence(window, "memory_busy_percent", MEMORY_BUSY),
        ),
        try_this=_next(window),
        bound=1 / share if share else None,
        better=f"the {got.peak}",
        confidence="medium" if share is not None and share >= GOOD_MFU else "low",
        experiment=_experiment(window),
    )


def _power_share(window: Window) -> float | None:
    power, limit = over(window, "power_w"), over(window, "power_limit_w")
    if limit is None and window.facts:
        limit = window.facts.power_limit_w
    return power / limit if power is not None and limit else None


def _power_evidence(share: float | None) -> tuple[Evidence, ...]:
    if share is None:
        return ()
    return (share_evidence("power of its limit", share, limit=HIGH_POWER, source="nvml"),)
