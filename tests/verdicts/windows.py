"""Windows for tests of rules: a run that is as it should be, of which a test changes what it is about."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.verdicts.window import DeviceMeans, Happened, StepSums, Window
from workloads.wire.frames import DeviceFacts, Event, EventKind, RunStarted

MS: Final = 1_000_000
SECOND: Final = 1_000_000_000

H200: Final = DeviceFacts(
    device="gpu0",
    name="NVIDIA H200",
    compute_capability="9.0",
    memory_bytes=150_754_820_096,
    cores=16_896,
    sm_clock_limit_mhz=1_980,
    memory_clock_limit_mhz=3_201,
    bus_width_bits=6_016,
    dram_limit_bytes_per_s=4.814e12,
    power_limit_w=700.0,
    pcie_generation=5,
    pcie_width=16,
    pcie_generation_now=5,
    pcie_width_now=16,
    gpm=True,
)
"""The device of shared readings: an H200 as NVML tells of it."""


def started(device: str = "cpu", **changes: Any) -> RunStarted:
    """A hooked script on this device, or with `workload` one of benchtop's own."""
    given: dict[str, Any] = {
        "run": 1,
        "at_ns": 0,
        "workload": "exec",
        "parameters": {},
        "repeat": 1,
        "seed": 0,
        "device": device,
        "device_name": "NVIDIA H200" if device != "cpu" else "a processor",
        "precision": "float32",
        "unit": "sample",
    }
    return RunStarted(**given | changes)


def steps(count: int = 200, step_ms: float = 50.0, **shares: Any) -> StepSums:
    """`count` equal steps; `data_wait=0.3` … are shares of the wall time, other names are the sums' own."""
    wall = round(count * step_ms * MS)
    sums: dict[str, Any] = {}
    for name, value in shares.items():
        if name in _PARTS:
            sums[f"{name}_ns"] = None if value is None else round(value * wall)
        else:
            sums[name] = value
    given: dict[str, Any] = {
        "count": count,
        "wall_ns": wall,
        "median_ns": step_ms * MS,
        "p95_ns": 1.05 * step_ms * MS,
        "samples": count * 64,
    }
    return StepSums(**given | sums)


_PARTS = ("data_wait", "h2d", "forward", "backward", "optimizer", "device", "comm", "sync", "ahead")


def gauges(device: str, facts: DeviceFacts | None = None, **means: float) -> DeviceMeans:
    """Forty readings of each of these, all the same."""
    return DeviceMeans(
        device=device,
        facts=facts,
        means=dict(means),
        largest=dict(means),
        grown=dict.fromkeys(means, 0.0),
        counts=dict.fromkeys(means, 40),
    )


def gpu(**means: float) -> DeviceMeans:
    """An H200 with these readings."""
    return gauges("gpu0", H200, **means)


def happened(kind: EventKind, count: int, each_ms: float, text: str = "") -> dict[str, Happened]:
    """So many events of one kind, one like the other."""
    event = Event(run=1, at_ns=5 * SECOND, kind=kind, wall_ns=round(each_ms * MS), text=text)
    return {kind: Happened(count=count, wall_ns=round(count * each_ms * MS), last=event)}


def window(**fields: Any) -> Window:
    """Ten seconds of a hooked training script on four idle processors, healthy but for `fields`."""
    given: dict[str, Any] = {
        "run": 1,
        "from_ns": 100 * SECOND,
        "to_ns": 110 * SECOND,
        "started": started(),
        "phase": "measure",
        "phase_began_ns": 60 * SECOND,
        "steps": steps(data_wait=0.01, forward=0.3, backward=0.6, optimizer=0.05),
        "host": gauges("host", cpu_percent=55.0, cpu_pressure_percent=0.0, cpu_steal_percent=0.0),
        "worker": gauges("worker", cpu_percent=200.0, threads=9, rss_bytes=8e8),
        "logical_processors": 4,
        "physical_cores": 4,
        "hooked": True,
    }
    return Window(**given | fields)


def changed(of: Window, **fields: Any) -> Window:
    """The same window with other fields."""
    return msgspec.structs.replace(of, **fields)
