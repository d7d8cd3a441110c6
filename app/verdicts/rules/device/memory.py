"""memory-nearly-full: the next larger batch or longer sequence will not fit, and the allocator has no room to reuse."""

from __future__ import annotations

from typing import Final

from app.text.numbers import bytes_text
from app.verdicts.rules.readings import devices, on_cpu, on_gpu, reading, why_absent
from app.verdicts.rules.settings import parameter, setting, whole_number
from app.verdicts.rules.telling import share_evidence, share_text, verdict
from app.verdicts.window import DeviceMeans, Window
from workloads.wire.frames import Evidence, Missing, Verdict

FULL: Final = 0.95
"""Of the memory, whoever took it. Servers take up to 0.9 of it on purpose (vLLM's gpu_memory_utilization), and CUDA
itself needs some hundred MB beside the tensors, which on the smallest devices in use is a twentieth."""
IN_TENSORS: Final = 0.85
"""Of the memory, at the largest: the allocator keeps what tensors gave back, and what is free in it is not lost."""


def memory_nearly_full(window: Window) -> Verdict | Missing | None:
    """Of a GPU, its memory; of a run on the processor, the host's."""
    if on_cpu(window):
        return _host(window)
    if not on_gpu(window):
        return None
    shares = [(share, device) for device in devices(window) if (share := _used(device)) is not None]
    if not shares:
        return Missing("memory-nearly-full", why_absent(window, "memory_used_bytes"))
    share, device = max(shares, key=lambda each: each[0])
    total = reading(device, "memory_total_bytes") or 0.0
    allocated = device.largest.get("torch_allocated_bytes")
    retries = device.grown.get("torch_retries", 0.0)
    if share < FULL or (allocated is not None and allocated < IN_TENSORS * total and not retries):
        return None
    held = () if allocated is None else (_bytes("largest in tensors", allocated, "torch"),)
    return verdict(
        window,
        "memory-nearly-full",
        severity="warning",
        says=f"{share_text(share)} of {device.device}'s {bytes_text(total)} are taken",
        evidence=(share_evidence("memory used", share, limit=FULL, source="nvml"), *held),
        try_this=_next(window),
        confidence="high" if allocated is not None else "medium",
    )


def _next(window: Window) -> str:
    if parameter(window, "recompute") is False and not window.hooked:
        return setting(window, "recompute", True, "")
    line = (
        "a smaller batch with gradient accumulation, torch.utils.checkpoint for activations, "
        "or PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True"
    )
    return setting(window, "batch", _half(window), line)


def _host(window: Window) -> Verdict | None:
    available, total = reading(window.host, "memory_available_bytes"), reading(window.host, "memory_total_bytes")
    if available is None or not total or available > (1 - FULL) * total:
        return None
    own = reading(window.worker, "rss_bytes")
    mine = () if own is None else (_bytes("memory of the workload", own, "proc"),)
    return verdict(
        window,
        "memory-nearly-full",
        severity="warning",
        says=f"{bytes_text(available)} of the host's {bytes_text(total)} are left",
        evidence=(
            share_evidence("memory used", 1 - available / total, limit=FULL, source="psutil"),
            *mine,
        ),
        try_this=setting(
            window, "batch", _half(window), "a smaller batch, fewer DataLoader workers, or a smaller prefetch"
        ),
        confidence="high",
    )


def _half(window: Window) -> int | None:
    return (whole_number(window, "batch") or 0) // 2 or None


def _used(device: DeviceMeans) -> float | None:
    used, total = device.largest.get("memory_used_bytes"), reading(device, "memory_total_bytes")
    return used / total if used is not None and total else None


def _bytes(name: str, value: float, source: str) -> Evidence:
    return Evidence(name=name, value=value, unit="bytes", source=source)
