"""What does not change about one device: asked once, since some of it takes milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.telemetry.nvidia_border import Handle, Nvml
from app.telemetry.nvidia_calls import Calls
from app.telemetry.nvidia_gpm import GPM_GAUGES
from workloads.wire.frames import DeviceFacts

Fact = TypeVar("Fact")

NO_GPM = "this device gives no GPM counters; Hopper and later do"


def read_facts(nvml: Nvml, device: Handle, name: str, driver: str | None, calls: Calls) -> DeviceFacts:
    """Everything static about one device; what it refuses is in `absent` with the driver's words."""
    absent: dict[str, str] = {}

    def fact(of: str, call: Callable[[Handle], Fact]) -> Fact | None:
        return calls.ask((of,), absent, lambda: call(device))

    memory_clock = fact("memory_clock_limit_mhz", nvml.largest_memory_clock_mhz)
    bus_width = fact("bus_width_bits", nvml.bus_width_bits)
    memory = fact("memory_bytes", nvml.memory)
    gpm = fact("gpm", nvml.gpm_supported) or False
    if not gpm:
        absent.update(dict.fromkeys(("gpm", *GPM_GAUGES), absent.get("gpm", NO_GPM)))
    return DeviceFacts(
        device=name,
        name=fact("name", nvml.name) or "unnamed GPU",
        uuid=fact("uuid", nvml.uuid),
        driver=driver,
        compute_capability=fact("compute_capability", nvml.compute_capability),
        memory_bytes=int(memory[1]) if memory else None,
        cores=fact("cores", nvml.cores),
        sm_clock_limit_mhz=fact("sm_clock_limit_mhz", nvml.largest_sm_clock_mhz),
        memory_clock_limit_mhz=memory_clock,
        bus_width_bits=bus_width,
        dram_limit_bytes_per_s=dram_limit_bytes_per_s(memory_clock, bus_width),
        power_limit_w=fact("power_limit_w", nvml.power_limit_w),
        pcie_generation=fact("pcie_generation", nvml.pcie_generation),
        pcie_width=fact("pcie_width", nvml.pcie_width),
        gpm=gpm,
        vbios=fact("vbios", nvml.vbios),
        inforom=fact("inforom", nvml.inforom),
        power_limit_default_w=fact("power_limit_default_w", nvml.default_power_limit_w),
        sm_clock_application_mhz=fact("sm_clock_application_mhz", nvml.application_sm_clock_mhz),
        memory_clock_application_mhz=fact("memory_clock_application_mhz", nvml.application_memory_clock_mhz),
        ecc=fact("ecc", nvml.ecc),
        mig=fact("mig", nvml.mig),
        persistence=fact("persistence", nvml.persistence),
        pcie_generation_now=fact("pcie_generation_now", nvml.pcie_generation_now),
        pcie_width_now=fact("pcie_width_now", nvml.pcie_width_now),
        absent=absent,
    )


def dram_limit_bytes_per_s(memory_clock_mhz: int | None, bus_width_bits: int | None) -> float | None:
    """Clock × bus width × 2 / 8: two transfers a clock on every DDR memory. None where either is not known."""
    if not memory_clock_mhz or not bus_width_bits:
        return None
    return memory_clock_mhz * 1e6 * bus_width_bits * 2 / 8
