"""Every NVIDIA device of the machine, or the reason why there is none.

Without a driver there are no devices and no GPU frames; that is a normal machine, not an error.
"""

from __future__ import annotations

from collections.abc import Callable

import pynvml
from msgspec.structs import replace

from app.telemetry.nvidia_border import Handle, Nvml, NvmlError, code_of, words
from app.telemetry.nvidia_calls import Calls
from app.telemetry.nvidia_facts import read_facts
from app.telemetry.nvidia_gauges import NvmlGauges
from app.telemetry.nvidia_gpm import GpmGauges
from app.telemetry.nvidia_tick import tick_ns
from workloads.wire.frames import DeviceFacts, Gauges

_PLAIN = {
    pynvml.NVML_ERROR_LIBRARY_NOT_FOUND: "no NVIDIA driver on this machine: libnvidia-ml.so.1 was not found",
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED: "the NVIDIA driver is installed but not loaded, or it finds no device",
    pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: (
        "the NVIDIA driver was updated while it was loaded: restart the machine, or load the driver anew"
    ),
    pynvml.NVML_ERROR_NO_PERMISSION: "the NVIDIA driver refuses this user (no permission)",
}


class NvidiaDevice:
    """One device."""

    def __init__(self, nvml: Nvml, handle: Handle, name: str, driver: str | None, clock: Callable[[], int]) -> None:
        calls = Calls()
        self._clock = clock
        self.facts: DeviceFacts = read_facts(nvml, handle, name, driver, calls)
        self._nvml_gauges = NvmlGauges(nvml, handle, calls)
        limit = self.facts.dram_limit_bytes_per_s
        self._gpm_gauges = GpmGauges(nvml, handle, calls, limit) if self.facts.gpm else None

    def find_tick(self) -> int | None:
        """How often the energy counter is brought up to date; takes half a second at most."""
        return tick_ns(self._nvml_gauges.energy_j, self._clock)

    def read(self, run: int, *, slow: bool) -> list[Gauges]:
        """One frame for each source; `slow` adds the readings that cost more."""
        name = self.facts.device
        frames = [self._nvml_gauges.read(name, run, self._clock(), slow=slow)]
        if self._gpm_gauges is not None:
            frames.append(self._gpm_gauges.read(name, run, self._clock()))
        return frames


class Nvidia:
    """All devices; none where there is no driver."""

    def __init__(self, nvml: Nvml, clock: Callable[[], int]) -> None:
        self.devices: list[NvidiaDevice] = []
        self.absent: dict[str, str] = {}
        """`nvml`, or a device's name → why there is nothing to read, in plain words."""
        try:
            nvml.start()
            driver, count = nvml.driver(), nvml.count()
        except NvmlError as error:
            self.absent["nvml"] = _PLAIN.get(code_of(error)) or f"the NVIDIA driver says: {words(code_of(error))}"
            return
        if not count:
            self.absent["nvml"] = f"the NVIDIA driver {driver} knows no device"
        for index in range(count):
            self._open(nvml, index, driver, clock)

    def _open(self, nvml: Nvml, index: int, driver: str, clock: Callable[[], int]) -> None:
        name = f"gpu{index}"
        try:
            handle = nvml.handle(index)
        except NvmlError as error:
            self.absent[name] = f"the NVIDIA driver says: {words(code_of(error))}"
            return
        self.devices.append(NvidiaDevice(nvml, handle, name, driver, clock))

    def find_ticks(self) -> None:
        """Look how often the energy counters are brought up to date, at one device of each name."""
        found: dict[str, int | None] = {}
        for device in self.devices:
            name = device.facts.name
            if name not in found:
                found[name] = device.find_tick()
            device.facts = replace(device.facts, energy_tick_ns=found[name])

    def read(self, run: int, *, slow: bool) -> list[Gauges]:
        """Every device's frames."""
        return [frame for device in self.devices for frame in device.read(run, slow=slow)]
