"""swapping: host memory is short, and processes wait for pages to come back from disk."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import amdahl
from app.verdicts.rules.settings import setting
from app.verdicts.rules.telling import LARGEST_SHARE, verdict
from app.verdicts.window import Window
from workloads.wire.frames import Evidence, Missing, Verdict

IN_BYTES_PER_S: Final = 1_000_000
"""Read back from swap. Pages that only go out were not needed; a process waits for those that come in, and a sustained
rate of them is saturation of memory (B. Gregg's USE method, `si` of vmstat). 1 MB/s is 250 page faults a second."""

PRESSURE_PERCENT: Final = 10.0
"""Of the time in which some task waited for memory (`some avg10` of /proc/pressure/memory), swap or not: the kernel
counts faults of pages that it had to drop too. systemd-oomd acts from 60 % on, when it is too late for a benchmark."""


def swapping(window: Window) -> Verdict | Missing | None:
    """Pages come back from swap all the time, or tasks wait for memory."""
    means = window.host.means
    coming, pressure = means.get("swap_in_bytes_per_s"), means.get("memory_pressure_percent")
    if coming is None and pressure is None:
        why = window.host.absent.get("swap_in_bytes_per_s", "the host was not read")
        return Missing("swapping", f"neither swap nor memory pressure is measured: {why}")
    swapped, pressed = (coming or 0.0) >= IN_BYTES_PER_S, (pressure or 0.0) >= PRESSURE_PERCENT
    if not swapped and not pressed:
        return None
    evidence = [
        Evidence(name=name, value=value, unit=unit, limit=limit, source="proc")
        for name, value, unit, limit in (
            ("swap in", coming, "bytes/s", IN_BYTES_PER_S),
            ("memory pressure", pressure, "%", PRESSURE_PERCENT),
            ("memory available", means.get("memory_available_bytes"), "bytes", None),
        )
        if value is not None
    ]
    says = f"{(coming or 0.0) / 1e6:,.1f} MB/s come back from swap"
    if not swapped:
        says = f"tasks wait for memory {pressure:.0f} % of the time"
    return verdict(
        window,
        "swapping",
        severity="critical" if swapped and pressed else "warning",
        says=says,
        evidence=evidence,
        try_this="less in host memory: "
        + setting(window, "workers", 1, "fewer DataLoader workers (each may hold a copy of the data set)")
        + ", a smaller prefetch, memory-mapped data",
        bound=amdahl(pressure / 100) if pressure and pressure / 100 <= LARGEST_SHARE else None,
        better="no waiting for memory",
    )
