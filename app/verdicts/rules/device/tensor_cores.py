"""tensor-cores-unused: products run on the ordinary units although their types would let tensor cores do them."""

from __future__ import annotations

from typing import Final

from app.verdicts.rules.device.roof import under
from app.verdicts.rules.reached import Reached, reached
from app.verdicts.rules.readings import activity, gauge_evidence, on_gpu, why_absent
from app.verdicts.rules.settings import setting
from app.verdicts.rules.telling import limit, share_text, verdict
from app.verdicts.window import Window
from workloads.limits import published_limit
from workloads.wire.frames import Evidence, Missing, Verdict

UNUSED: Final = 5.0
"""Per cent of the time. Products of 8192³ in bfloat16 read 93 on an H200, and everything without products reads 0.0."""
ORDINARY: Final = 30.0
"""Per cent of the time in the FP32 or FP16 units. Element by element work is bound by DRAM long before: copies and
small additions read 0 to 0.002 there, for a value takes 8 bytes or more of the memory and one instruction."""
COUNTED: Final = 0.3
"""Of the published peak of honest float32: no run reaches as much with anything but products."""
TENSOR_CORES: Final = (7, 0)
"""Compute capability of Volta, the first device with tensor cores; those of Ampere (8, 0) take tf32 and bfloat16."""
AMPERE: Final = (8, 0)


def tensor_cores_unused(window: Window) -> Verdict | Missing | None:
    """The ordinary units do arithmetic, and the tensor cores next to none."""
    if not on_gpu(window) or not _has_tensor_cores(window):
        return None
    seen, got = activity(window), reached(window)
    if seen.tensor is None or seen.fp32 is None:
        return _counted(window, got)
    if window.precision == "float64" or under(seen) == "memory" or seen.tensor >= UNUSED:
        return None
    if seen.unit not in ("fp32_active_percent", "fp16_active_percent") or (seen.arithmetic or 0.0) < limit(
        window, "tensor-cores-unused", ORDINARY
    ):
        return None
    share = (seen.arithmetic or 0.0) / 100
    unit = "FP32" if seen.unit == "fp32_active_percent" else "FP16"
    evidence = (
        *gauge_evidence(window, "tensor_active_percent", UNUSED),
        *gauge_evidence(window, seen.unit, ORDINARY),
        *gauge_evidence(window, "dram_percent"),
        *got.evidence(),
    )
    says = f"tensor cores are busy {share_text(seen.tensor / 100)} of the time, {unit} units {share_text(share)}"
    return _told(window, share, says, evidence, certain=window.precision in ("float32", "bfloat16", "float16"))


def _counted(window: Window, got: Reached) -> Verdict | Missing | None:
    """Of a device without counters: honest float32 never runs on tensor cores, and benchtop's own sets it itself."""
    share = got.shares.mfu
    if window.precision == "float32" and not window.hooked and share is not None:
        if share < COUNTED or not _at_least(window, AMPERE):
            return None
        says = f"{share_text(share)} of the float32 peak, which knows no tensor cores"
        return _told(window, min(1.0, share), says, tuple(got.evidence()), certain=True)
    return Missing("tensor-cores-unused", why_absent(window, "tensor_active_percent"))


def _told(window: Window, share: float, says: str, evidence: tuple[Evidence, ...], *, certain: bool) -> Verdict:
    faster, other = _faster(window)
    return verdict(
        window,
        "tensor-cores-unused",
        severity="warning",
        says=says,
        evidence=evidence,
        try_this=_next(window),
        bound=None if faster is None else 1 / (1 - share + share / faster),
        better="" if faster is None else f"products {faster:.1f} times as fast, as in {other},",
        confidence="high" if certain else "medium",
        experiment=("tf32" if _at_least(window, AMPERE) else "") if window.precision in ("float32", "") else "",
    )


def _next(window: Window) -> str:
    if window.precision in ("bfloat16", "float16"):
        return (
            "sizes of layers, vocabulary and batch in multiples of 8 (of 64 at best): pad them, and drop the last batch"
        )
    if not _at_least(window, AMPERE):
        return setting(window, "precision", "float16", 'torch.autocast("cuda", torch.float16)')
    line = (
        'torch.set_float32_matmul_precision("high") before the loop; torch.autocast("cuda", torch.bfloat16) gives more'
    )
    return setting(window, "precision", "tf32", line)


def _faster(window: Window) -> tuple[float | None, str]:
    """How many times as fast products are on tensor cores, measured on this device, else as published; and in what."""
    other = "tf32" if window.precision in ("float32", "") else "bfloat16"
    name = window.started.device_name if window.started else ""
    measured = window.roofline.flops_per_s if window.roofline else {}
    for of in (other, "bfloat16", "float16"):
        slow, fast = measured.get("float32"), measured.get(of)
        if slow and fast and fast > slow:
            return fast / slow, of
        published, plain = published_limit(name, of), published_limit(name, "float32")
        if published and plain and published.flops_per_s > plain.flops_per_s:
            return published.flops_per_s / plain.flops_per_s, of
    return None, other


def _has_tensor_cores(window: Window) -> bool:
    return _at_least(window, TENSOR_CORES)


def _at_least(window: Window, capability: tuple[int, int]) -> bool:
    """Whether the device is of that generation or a later one; one that does not say is taken for it."""
    said = window.facts.compute_capability if window.facts else None
    if said is None:
        return True
    major, _, minor = said.partition(".")
    return (int(major), int(minor or 0)) >= capability
