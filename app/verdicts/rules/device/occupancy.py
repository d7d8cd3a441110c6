"""low-occupancy: the device has work all the time, but each kernel is too small for it."""

from __future__ import annotations

from app.verdicts.rules.device.roof import FEW_WARPS, LARGEST_ARITHMETIC, LARGEST_DRAM, SM_INEFFECTIVE, is_sparse
from app.verdicts.rules.readings import activity, gauge_evidence, on_gpu, why_absent
from app.verdicts.rules.settings import doubled, setting
from app.verdicts.rules.telling import share_text, verdict
from app.verdicts.window import Window
from workloads.wire.frames import Missing, Verdict


def low_occupancy(window: Window) -> Verdict | Missing | None:
    """Fewer than half of the multiprocessors have work while the engine is busy, or few warps are on each of them."""
    if not on_gpu(window):
        return None
    seen = activity(window)
    if seen.busy is None or seen.sm is None:
        lacks = "graphics_active_percent" if seen.busy is None else "sm_active_percent"
        return Missing("low-occupancy", why_absent(window, lacks))
    if not is_sparse(seen):
        return None
    few = seen.sm < SM_INEFFECTIVE
    says = (
        f"kernels run all the time on {share_text(seen.sm / 100)} of the multiprocessors"
        if few
        else f"multiprocessors hold {share_text((seen.occupancy or 0.0) / 100)} of the warps that they could"
    )
    share = max(
        seen.sm / 100 if few else 0.0,
        (seen.arithmetic or 0.0) / LARGEST_ARITHMETIC,
        (seen.dram or 0.0) / LARGEST_DRAM,
    )
    return verdict(
        window,
        "low-occupancy",
        severity="warning",
        says=says,
        evidence=(
            *gauge_evidence(window, "sm_active_percent", SM_INEFFECTIVE),
            *gauge_evidence(window, "sm_occupancy_percent", None if few else FEW_WARPS),
            *gauge_evidence(window, "graphics_active_percent"),
            *(gauge_evidence(window, seen.unit) if seen.unit else ()),
            *gauge_evidence(window, "dram_percent"),
        ),
        try_this=setting(
            window,
            "batch",
            doubled(window),
            "a larger batch, so that each kernel has work for all multiprocessors; or several streams at once",
        ),
        bound=1 / share if share else None,
        better="work for the whole device",
        confidence="high" if few else "medium",
        experiment="double-batch",
    )
