"""The border to NVML: pynvml's functions with types, units and plain values.

One method is one call of the driver. Errors pass as NvmlError; nothing here catches, caches or
decides. The library is an argument, so that tests put one in its place that needs no GPU.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NewType

import pynvml

from workloads.wire.frames import GpuProcess

Handle = NewType("Handle", object)
Sample = NewType("Sample", object)

NvmlError: type[Exception] = pynvml.NVMLError

_FINAL = (pynvml.NVML_ERROR_NOT_SUPPORTED, pynvml.NVML_ERROR_FUNCTION_NOT_FOUND)
_LOST = (pynvml.NVML_ERROR_GPU_IS_LOST, pynvml.NVML_ERROR_RESET_REQUIRED)
_VALUE_FIELDS = {0: "dVal", 1: "uiVal", 2: "ulVal", 3: "ullVal", 4: "sllVal", 5: "siVal", 6: "usVal"}


def code_of(error: Exception) -> int:
    """The return code of an NvmlError."""
    return int(getattr(error, "value", pynvml.NVML_ERROR_UNKNOWN))


def words(code: int) -> str:
    """A return code in the driver's words."""
    return str(pynvml.NVMLError(code))


def is_final(code: int) -> bool:
    """Whether the same question will always get the same refusal."""
    return code in _FINAL


def is_lost(code: int) -> bool:
    """Whether the device is gone until the machine is restarted."""
    return code in _LOST


class Nvml:
    """NVML. Every method raises NvmlError with the driver's reason."""

    def __init__(self, library: Any = pynvml) -> None:
        self._nvml = library

    def start(self) -> None:
        """Load the driver's library and connect to the driver."""
        self._nvml.nvmlInit()

    def driver(self) -> str:
        """`580.159.04`."""
        return str(self._nvml.nvmlSystemGetDriverVersion())

    def count(self) -> int:
        """How many devices there are."""
        return int(self._nvml.nvmlDeviceGetCount())

    def handle(self, index: int) -> Handle:
        """One device."""
        return Handle(self._nvml.nvmlDeviceGetHandleByIndex(index))

    def name(self, device: Handle) -> str:
        """`NVIDIA H200`."""
        return str(self._nvml.nvmlDeviceGetName(device))

    def uuid(self, device: Handle) -> str:
        """`GPU-…`."""
        return str(self._nvml.nvmlDeviceGetUUID(device))

    def compute_capability(self, device: Handle) -> str:
        """`9.0`."""
        major, minor = self._nvml.nvmlDeviceGetCudaComputeCapability(device)
        return f"{major}.{minor}"

    def cores(self, device: Handle) -> int:
        """CUDA cores."""
        return int(self._nvml.nvmlDeviceGetNumGpuCores(device))

    def bus_width_bits(self, device: Handle) -> int:
        """Width of the memory bus."""
        return int(self._nvml.nvmlDeviceGetMemoryBusWidth(device))

    def largest_sm_clock_mhz(self, device: Handle) -> int:
        """Highest clock of the multiprocessors."""
        return int(self._nvml.nvmlDeviceGetMaxClockInfo(device, pynvml.NVML_CLOCK_SM))

    def largest_memory_clock_mhz(self, device: Handle) -> int:
        """Highest clock of the memory."""
        return int(self._nvml.nvmlDeviceGetMaxClockInfo(device, pynvml.NVML_CLOCK_MEM))

    def power_limit_w(self, device: Handle) -> float:
        """The board's power limit as it is set now."""
        return float(self._nvml.nvmlDeviceGetPowerManagementLimit(device)) / 1e3

    def pcie_generation(self, device: Handle) -> int:
        """The fastest that device and slot can do together; the link slows down while it idles."""
        return int(self._nvml.nvmlDeviceGetMaxPcieLinkGeneration(device))

    def pcie_width(self, device: Handle) -> int:
        """Lanes that device and slot have together."""
        return int(self._nvml.nvmlDeviceGetMaxPcieLinkWidth(device))

    def vbios(self, device: Handle) -> str:
        """`96.00.BC.00.01`."""
        return str(self._nvml.nvmlDeviceGetVbiosVersion(device))

    def inforom(self, device: Handle) -> str:
        """Version of the board's configuration, `G520.0280.00.05`."""
        return str(self._nvml.nvmlDeviceGetInforomImageVersion(device))

    def default_power_limit_w(self, device: Handle) -> float:
        """The power limit that the board comes with."""
        return float(self._nvml.nvmlDeviceGetPowerManagementDefaultLimit(device)) / 1e3

    def application_sm_clock_mhz(self, device: Handle) -> int:
        """The clock of the multiprocessors that applications ask for."""
        return int(self._nvml.nvmlDeviceGetApplicationsClock(device, pynvml.NVML_CLOCK_SM))

    def application_memory_clock_mhz(self, device: Handle) -> int:
        """The clock of the memory that applications ask for."""
        return int(self._nvml.nvmlDeviceGetApplicationsClock(device, pynvml.NVML_CLOCK_MEM))

    def ecc(self, device: Handle) -> bool:
        """Whether errors of the memory are corrected."""
        return bool(self._nvml.nvmlDeviceGetEccMode(device)[0])

    def mig(self, device: Handle) -> bool:
        """Whether the device is shared in parts."""
        return bool(self._nvml.nvmlDeviceGetMigMode(device)[0])

    def persistence(self, device: Handle) -> bool:
        """Whether the driver stays loaded while nobody uses the device."""
        return bool(self._nvml.nvmlDeviceGetPersistenceMode(device))

    def pcie_generation_now(self, device: Handle) -> int:
        """Of the link at this instant."""
        return int(self._nvml.nvmlDeviceGetCurrPcieLinkGeneration(device))

    def pcie_width_now(self, device: Handle) -> int:
        """Lanes of the link at this instant."""
        return int(self._nvml.nvmlDeviceGetCurrPcieLinkWidth(device))

    def utilization(self, device: Handle) -> tuple[float, float]:
        """Per cent of time with a kernel in flight, and with memory being read or written."""
        rates = self._nvml.nvmlDeviceGetUtilizationRates(device)
        return float(rates.gpu), float(rates.memory)

    def memory(self, device: Handle) -> tuple[float, float]:
        """Bytes used and in all. Used is what nobody can have any more, the driver's own reserve included."""
        memory = self._nvml.nvmlDeviceGetMemoryInfo(device)
        return float(memory.used), float(memory.total)

    def power_w(self, device: Handle) -> float:
        """Power of the board."""
        return float(self._nvml.nvmlDeviceGetPowerUsage(device)) / 1e3

    def temperature_c(self, device: Handle) -> float:
        """Temperature of the die."""
        return float(self._nvml.nvmlDeviceGetTemperature(device, pynvml.NVML_TEMPERATURE_GPU))

    def sm_clock_mhz(self, device: Handle) -> float:
        """Clock of the multiprocessors now."""
        return float(self._nvml.nvmlDeviceGetClockInfo(device, pynvml.NVML_CLOCK_SM))

    def memory_clock_mhz(self, device: Handle) -> float:
        """Clock of the memory now."""
        return float(self._nvml.nvmlDeviceGetClockInfo(device, pynvml.NVML_CLOCK_MEM))

    def clock_events(self, device: Handle) -> float:
        """The bit mask of `workloads.wire.clock_events`."""
        return float(self._nvml.nvmlDeviceGetCurrentClocksEventReasons(device))

    def compute_processes(self, device: Handle) -> tuple[GpuProcess, ...]:
        """Processes with a compute context."""
        return _processes(self._nvml.nvmlDeviceGetComputeRunningProcesses(device))

    def graphics_processes(self, device: Handle) -> tuple[GpuProcess, ...]:
        """Processes with a graphics context."""
        return _processes(self._nvml.nvmlDeviceGetGraphicsRunningProcesses(device))

    def fields(self, device: Handle, ids: Sequence[int]) -> list[tuple[int, float]]:
        """Field ids → for each its return code and its value, which means something when the code is 0."""
        values = self._nvml.nvmlDeviceGetFieldValues(device, list(ids))
        return [(int(value.nvmlReturn), _field_value(value)) for value in values]

    def gpm_supported(self, device: Handle) -> bool:
        """Whether the device answers GPM."""
        return bool(self._nvml.nvmlGpmQueryDeviceSupport(device).isSupportedDevice)

    def gpm_sample(self) -> Sample:
        """Memory for one sample; it lasts as long as the process."""
        return Sample(self._nvml.nvmlGpmSampleAlloc())

    def gpm_take(self, device: Handle, sample: Sample) -> None:
        """Put the counters as they are now into a sample."""
        self._nvml.nvmlGpmSampleGet(device, sample)

    def gpm_metrics(self, older: Sample, newer: Sample, ids: Sequence[int]) -> list[tuple[int, float]]:
        """Two samples and metric ids → for each its return code and its value between the two."""
        query = pynvml.c_nvmlGpmMetricsGet_t()
        query.version = pynvml.NVML_GPM_METRICS_GET_VERSION
        query.numMetrics = len(ids)
        query.sample1, query.sample2 = older, newer
        for place, metric in enumerate(ids):
            query.metrics[place].metricId = metric
        self._nvml.nvmlGpmMetricsGet(query)
        return [(int(query.metrics[place].nvmlReturn), float(query.metrics[place].value)) for place in range(len(ids))]


def _processes(rows: Iterable[Any]) -> tuple[GpuProcess, ...]:
    return tuple(
        GpuProcess(pid=int(row.pid), memory_bytes=None if row.usedGpuMemory is None else int(row.usedGpuMemory))
        for row in rows
    )


def _field_value(value: Any) -> float:
    return float(getattr(value.value, _VALUE_FIELDS.get(int(value.valueType), "ullVal")))
