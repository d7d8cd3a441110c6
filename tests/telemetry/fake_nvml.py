"""A library that answers as NVML does on an H200 (figures in `h200`), and refuses what a test wants refused.

It fills in pynvml's own structures, so that everything above the driver is the real thing.
"""

# ruff: noqa: N802 - the names are NVML's
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pynvml

from tests.telemetry import h200


def refusal(code: int) -> Exception:
    """The exception that pynvml raises for a return code."""
    error: Exception = pynvml.NVMLError(code)
    return error


@dataclass
class FakeDevice:
    """One device. What a test changes while it runs, the next reading sees."""

    refused: dict[str, int] = field(default_factory=dict)
    """NVML function → the code that it fails with."""
    refused_metrics: dict[int, int] = field(default_factory=dict)
    """GPM metric → the code in its own place."""
    refused_fields: dict[int, int] = field(default_factory=dict)
    lost: bool = False
    gpm: bool = True
    metrics: dict[int, float] = field(default_factory=lambda: dict(h200.COPY))
    processes: list[tuple[int, int | None]] = field(default_factory=list)
    graphics: list[tuple[int, int | None]] = field(default_factory=list)
    utilization: tuple[int, int] = h200.UTILIZATION_HOST_TO_DEVICE
    clock_events: int = h200.CLOCK_EVENTS_MATMUL
    energy_mj: Callable[[], int] = lambda: h200.ENERGY_MJ


class FakeNvml:
    """The functions of pynvml that the sampler uses."""

    def __init__(self, *devices: FakeDevice, start: int = 0) -> None:
        self.devices = devices
        self.start = start
        """The code that nvmlInit fails with, 0 for success."""
        self.calls: Counter[str] = Counter()
        self.asked_metrics: list[list[int]] = []
        self.compared: list[tuple[int, int]] = []
        """The samples of each metrics call: the older's and the newer's number."""
        self._samples: list[Any] = []
        self._taken: dict[int, tuple[int, FakeDevice]] = {}

    def nvmlInit(self) -> None:
        if self.start:
            raise refusal(self.start)

    def nvmlSystemGetDriverVersion(self) -> str:
        return h200.DRIVER

    def nvmlDeviceGetCount(self) -> int:
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeDevice:
        return self._asked("nvmlDeviceGetHandleByIndex", self.devices[index])

    def nvmlDeviceGetName(self, device: FakeDevice) -> str:
        self._asked("nvmlDeviceGetName", device)
        return h200.NAME

    def nvmlDeviceGetUUID(self, device: FakeDevice) -> str:
        self._asked("nvmlDeviceGetUUID", device)
        return f"GPU-{self.devices.index(device)}"

    def nvmlDeviceGetCudaComputeCapability(self, device: FakeDevice) -> tuple[int, int]:
        self._asked("nvmlDeviceGetCudaComputeCapability", device)
        return h200.COMPUTE_CAPABILITY

    def nvmlDeviceGetNumGpuCores(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetNumGpuCores", device)
        return h200.CORES

    def nvmlDeviceGetMemoryBusWidth(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetMemoryBusWidth", device)
        return h200.BUS_WIDTH_BITS

    def nvmlDeviceGetMaxClockInfo(self, device: FakeDevice, kind: int) -> int:
        self._asked("nvmlDeviceGetMaxClockInfo", device)
        return h200.SM_CLOCK_LIMIT_MHZ if kind == pynvml.NVML_CLOCK_SM else h200.MEMORY_CLOCK_LIMIT_MHZ

    def nvmlDeviceGetPowerManagementLimit(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetPowerManagementLimit", device)
        return h200.POWER_LIMIT_MW

    def nvmlDeviceGetMaxPcieLinkGeneration(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetMaxPcieLinkGeneration", device)
        return h200.PCIE_GENERATION

    def nvmlDeviceGetMaxPcieLinkWidth(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetMaxPcieLinkWidth", device)
        return h200.PCIE_WIDTH

    def nvmlDeviceGetVbiosVersion(self, device: FakeDevice) -> str:
        self._asked("nvmlDeviceGetVbiosVersion", device)
        return h200.VBIOS

    def nvmlDeviceGetInforomImageVersion(self, device: FakeDevice) -> str:
        self._asked("nvmlDeviceGetInforomImageVersion", device)
        return h200.INFOROM

    def nvmlDeviceGetPowerManagementDefaultLimit(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetPowerManagementDefaultLimit", device)
        return h200.POWER_LIMIT_MW

    def nvmlDeviceGetApplicationsClock(self, device: FakeDevice, kind: int) -> int:
        self._asked("nvmlDeviceGetApplicationsClock", device)
        return h200.SM_CLOCK_LIMIT_MHZ if kind == pynvml.NVML_CLOCK_SM else h200.MEMORY_CLOCK_LIMIT_MHZ

    def nvmlDeviceGetEccMode(self, device: FakeDevice) -> tuple[int, int]:
        self._asked("nvmlDeviceGetEccMode", device)
        return h200.ECC

    def nvmlDeviceGetMigMode(self, device: FakeDevice) -> list[int]:
        self._asked("nvmlDeviceGetMigMode", device)
        return h200.MIG

    def nvmlDeviceGetPersistenceMode(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetPersistenceMode", device)
        return h200.PERSISTENCE

    def nvmlDeviceGetCurrPcieLinkGeneration(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetCurrPcieLinkGeneration", device)
        return h200.PCIE_GENERATION

    def nvmlDeviceGetCurrPcieLinkWidth(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetCurrPcieLinkWidth", device)
        return h200.PCIE_WIDTH

    def nvmlDeviceGetUtilizationRates(self, device: FakeDevice) -> SimpleNamespace:
        gpu, memory = self._asked("nvmlDeviceGetUtilizationRates", device).utilization
        return SimpleNamespace(gpu=gpu, memory=memory)

    def nvmlDeviceGetMemoryInfo(self, device: FakeDevice) -> SimpleNamespace:
        self._asked("nvmlDeviceGetMemoryInfo", device)
        return SimpleNamespace(used=h200.MEMORY_USED_IDLE, total=h200.MEMORY_TOTAL)

    def nvmlDeviceGetPowerUsage(self, device: FakeDevice) -> int:
        self._asked("nvmlDeviceGetPowerUsage", device)
        return h200.POWER_COPY_MW

    def nvmlDeviceGetTemperature(self, device: FakeDevice, sensor: int) -> int:
        self._asked("nvmlDeviceGetTemperature", device)
        assert sensor == pynvml.NVML_TEMPERATURE_GPU
        return h200.TEMPERATURE_C

    def nvmlDeviceGetClockInfo(self, device: FakeDevice, kind: int) -> int:
        self._asked("nvmlDeviceGetClockInfo", device)
        return h200.SM_CLOCK_LIMIT_MHZ if kind == pynvml.NVML_CLOCK_SM else h200.MEMORY_CLOCK_LIMIT_MHZ

    def nvmlDeviceGetCurrentClocksEventReasons(self, device: FakeDevice) -> int:
        return self._asked("nvmlDeviceGetCurrentClocksEventReasons", device).clock_events

    def nvmlDeviceGetComputeRunningProcesses(self, device: FakeDevice) -> list[SimpleNamespace]:
        rows = self._asked("nvmlDeviceGetComputeRunningProcesses", device).processes
        return [SimpleNamespace(pid=pid, usedGpuMemory=memory) for pid, memory in rows]

    def nvmlDeviceGetGraphicsRunningProcesses(self, device: FakeDevice) -> list[SimpleNamespace]:
        rows = self._asked("nvmlDeviceGetGraphicsRunningProcesses", device).graphics
        return [SimpleNamespace(pid=pid, usedGpuMemory=memory) for pid, memory in rows]

    def nvmlDeviceGetFieldValues(self, device: FakeDevice, ids: Sequence[int]) -> Any:
        self._asked("nvmlDeviceGetFieldValues", device)
        values = (pynvml.c_nvmlFieldValue_t * len(ids))()
        for value, number in zip(values, ids, strict=True):
            value.fieldId = number
            value.nvmlReturn = device.refused_fields.get(number, 0)
            if number == pynvml.NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION:
                value.valueType, value.value.ullVal = pynvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG, device.energy_mj()
            else:
                value.valueType, value.value.uiVal = pynvml.NVML_VALUE_TYPE_UNSIGNED_INT, h200.MEMORY_TEMPERATURE_C
        return values

    def nvmlGpmQueryDeviceSupport(self, device: FakeDevice) -> SimpleNamespace:
        return SimpleNamespace(isSupportedDevice=int(self._asked("nvmlGpmQueryDeviceSupport", device).gpm))

    def nvmlGpmSampleAlloc(self) -> Any:
        self.calls["nvmlGpmSampleAlloc"] += 1
        sample = pynvml.c_nvmlGpmSample_t(pynvml.struct_c_nvmlGpmSample_t())
        self._samples.append(sample)
        return sample

    def nvmlGpmSampleGet(self, device: FakeDevice, sample: Any) -> None:
        self._asked("nvmlGpmSampleGet", device)
        self._taken[_address(sample)] = (self.calls["nvmlGpmSampleGet"], device)

    def nvmlGpmMetricsGet(self, query: Any) -> None:
        older, _ = self._taken[_address(query.sample1)]
        newer, device = self._taken[_address(query.sample2)]
        self._asked("nvmlGpmMetricsGet", device)
        self.compared.append((older, newer))
        asked = [query.metrics[place] for place in range(query.numMetrics)]
        self.asked_metrics.append([metric.metricId for metric in asked])
        for metric in asked:
            metric.nvmlReturn = device.refused_metrics.get(metric.metricId, 0)
            metric.value = device.metrics[metric.metricId]

    def _asked(self, name: str, device: FakeDevice) -> FakeDevice:
        self.calls[name] += 1
        if device.lost:
            raise refusal(pynvml.NVML_ERROR_GPU_IS_LOST)
        if name in device.refused:
            raise refusal(device.refused[name])
        return device


def _address(sample: Any) -> int:
    return pynvml.addressof(sample.contents)  # type: ignore[no-any-return]
