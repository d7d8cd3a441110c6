"""What an H200 read under five loads (driver 580.159.04, 700 W, polled every 250 ms), as a run's window has it."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from app.verdicts.window import DeviceMeans, Window
from tests.verdicts.windows import H200, gauges, started, window
from workloads.wire.gauges import GAUGES

_TOTAL: Final = 150_754_820_096.0


def _gpm(*, dram: float, tensor: float, busy: float, integer: float = 0.0, pcie: float) -> dict[str, float]:
    return {
        "graphics_active_percent": busy,
        "tensor_active_percent": tensor,
        "fp32_active_percent": 0.0,
        "fp16_active_percent": 0.0,
        "fp64_active_percent": 0.0,
        "integer_active_percent": integer,
        "dram_percent": dram,
        "dram_bytes_per_s": dram / 100 * 4.814e12,
        "pcie_receive_bytes_per_s": pcie * 2**20,
    }


def _nvml(utilization: float, memory: float, power: float, clock: float) -> dict[str, float]:
    return {
        "utilization_percent": utilization,
        "memory_busy_percent": memory,
        "power_w": power,
        "power_limit_w": 700.0,
        "sm_clock_mhz": clock,
        "memory_clock_mhz": 3_201.0,
        "memory_used_bytes": 6e9,
        "memory_total_bytes": _TOTAL,
        "temperature_c": 60.0,
        "clock_event_reasons": 0.0,
    }


IDLE: Final = _gpm(dram=0.0, tensor=0.0, busy=0.006, pcie=0.192) | _nvml(0, 0, 122.4, 1_980)
COPY: Final = (
    _gpm(dram=88.692, tensor=0.0, busy=99.754, integer=7.995, pcie=29.6)
    | _nvml(100, 100, 671.8, 1_980)
    | {"sm_active_percent": 98.4, "sm_occupancy_percent": 79.4}
)
"""2 GiB within the device: 4,266 GB/s, read plus written."""
MATMUL: Final = _gpm(dram=17.614, tensor=93.287, busy=99.627, integer=1.354, pcie=13.1) | _nvml(100, 25, 692.6, 1_440)
"""8192³ in bfloat16: 668 TFLOP/s, with the power cap in every reading."""
SMALL_LAUNCHES: Final = _gpm(dram=0.0, tensor=0.0, busy=29.103, integer=0.005, pcie=235.9) | _nvml(29, 0, 124.2, 1_980)
"""64 × 64 additions in float32, 132,681 kernels/s, 200 between two synchronisations."""
HOST_TO_DEVICE: Final = (
    _gpm(dram=1.145, tensor=0.0, busy=0.007, pcie=56_321.0)
    | _nvml(99, 2, 130.3, 1_980)
    | {"sm_active_percent": 0.0, "sm_occupancy_percent": 0.0}
)
"""256 MiB from pinned memory: 55 GB/s."""

CAPPED: Final = {0x004: 1.0}
"""Clock event reasons of MATMUL; the other loads had none."""

GPM: Final = frozenset(_gpm(dram=0, tensor=0, busy=0, pcie=0)) | {"sm_active_percent", "sm_occupancy_percent"}


def device(readings: dict[str, float], reasons: dict[int, float] | None = None, **changes: float) -> DeviceMeans:
    """The device with these readings, some of them others."""
    return replace(
        gauges("gpu0", replace(H200, power_limit_default_w=700.0), **readings | changes), reasons=reasons or {}
    )


def without_gpm(readings: dict[str, float], reasons: dict[int, float] | None = None) -> DeviceMeans:
    """The same load on a device that gives no GPM counters."""
    left = {name: value for name, value in readings.items() if name not in GPM}
    absent = {name: "this device gives no GPM counters; Hopper and later do" for name in GPM if name in GAUGES}
    return replace(device(left, reasons), facts=replace(H200, gpm=False, absent=absent))


def on_h200(of: DeviceMeans, **fields: Any) -> Window:
    """A hooked script on that device, one of whose processors is busy."""
    given: dict[str, Any] = {
        "started": started("cuda:0", precision="bfloat16"),
        "gpus": (of,),
        "worker": gauges("worker", cpu_percent=100.0, threads=40, rss_bytes=4e9),
        "logical_processors": 16,
        "physical_cores": 16,
    }
    return window(**given | fields)
