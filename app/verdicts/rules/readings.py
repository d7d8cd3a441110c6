"""What accelerators read while a run is on them: the means of those that it uses, and where they come from. Pure."""

from __future__ import annotations

from statistics import fmean
from typing import Final

import msgspec

from app.verdicts.window import DeviceMeans, Window
from workloads.wire.frames import Evidence, Source
from workloads.wire.gauges import GAUGES

FEWEST_READINGS: Final = 4
"""Of a gauge: the sampler reads four times a second, so that less is not a second yet."""

_NVML: Final = frozenset({
    "utilization_percent",
    "memory_busy_percent",
    "memory_used_bytes",
    "memory_total_bytes",
    "power_w",
    "power_limit_w",
    "temperature_c",
    "sm_clock_mhz",
    "memory_clock_mhz",
})  # fmt: skip
UNITS: Final = {
    "tensor_active_percent": "tensor cores",
    "fp32_active_percent": "FP32 units",
    "fp16_active_percent": "FP16 units",
    "fp64_active_percent": "FP64 units",
}
"""Gauge → the units that do arithmetic; integer units mostly count addresses."""


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """Per cent of the time, means over the run's devices. None: the device does not say."""

    busy: float | None = None
    """The compute engine has work (GPM). It says nothing about how much of the device works."""
    sm: float | None = None
    occupancy: float | None = None
    tensor: float | None = None
    fp32: float | None = None
    dram: float | None = None
    unit: str = ""
    """The arithmetic unit that is busiest."""
    arithmetic: float | None = None
    """How busy it is."""


def on_gpu(window: Window) -> bool:
    """Whether the run works on an accelerator."""
    return window.device.startswith("cuda")


def on_cpu(window: Window) -> bool:
    """Whether it is known to work on the processor."""
    return window.device.startswith("cpu")


def devices(window: Window) -> tuple[DeviceMeans, ...]:
    """Those that the run works on: as many as it has ranks, the busiest, should there be others beside them."""
    ranks = max(1, window.started.ranks if window.started else 1)
    if len(window.gpus) <= ranks:
        return window.gpus
    return tuple(sorted(window.gpus, key=_busy, reverse=True)[:ranks])


def reading(device: DeviceMeans, name: str) -> float | None:
    """The mean of a gauge; None without readings enough."""
    return device.means.get(name) if device.counts.get(name, 0) >= FEWEST_READINGS else None


def over(window: Window, name: str) -> float | None:
    """The mean of a gauge over the run's devices; None where one of them does not give it."""
    of = devices(window)
    values = [value for device in of if (value := reading(device, name)) is not None]
    return fmean(values) if values and len(values) == len(of) else None


def activity(window: Window) -> Activity:
    """What the devices do."""
    known = {name: value for name in UNITS if (value := over(window, name)) is not None}
    unit = max(known, key=lambda name: known[name], default="")
    return Activity(
        busy=over(window, "graphics_active_percent"),
        sm=over(window, "sm_active_percent"),
        occupancy=over(window, "sm_occupancy_percent"),
        tensor=known.get("tensor_active_percent"),
        fp32=known.get("fp32_active_percent"),
        dram=over(window, "dram_percent"),
        unit=unit,
        arithmetic=known.get(unit),
    )


def gauge_evidence(window: Window, name: str, limit: float | None = None) -> tuple[Evidence, ...]:
    """A gauge's mean over the run's devices; nothing where there is none."""
    value = over(window, name)
    if value is None:
        return ()
    return (Evidence(name=GAUGES[name].label, value=value, unit=_unit(name), limit=limit, source=source_of(name)),)


def source_of(name: str) -> Source:
    """Where a device's gauge comes from."""
    if name.startswith("torch_"):
        return "torch"
    return "nvml" if name in _NVML else "gpm"


def why_absent(window: Window, name: str) -> str:
    """Why no device gives a gauge, in the driver's words: `SM active: Not Supported`."""
    label = GAUGES[name].label
    for device in window.gpus:
        facts = device.facts.absent if device.facts else {}
        if why := device.absent.get(name) or facts.get(name):
            return f"{label}: {why}"
    return f"{label}: too few readings" if window.gpus else f"{label}: no readings of a GPU"


def _busy(device: DeviceMeans) -> float:
    """Only to tell devices with work from idle ones, for which NVML's utilization will do."""
    return device.means.get("graphics_active_percent", device.means.get("utilization_percent", 0.0))


def _unit(name: str) -> str:
    for end, unit in (
        ("_percent", "%"),
        ("_bytes_per_s", "bytes/s"),
        ("_bytes", "bytes"),
        ("_mhz", "MHz"),
        ("_w", "W"),
    ):
        if name.endswith(end):
            return unit
    return ""
