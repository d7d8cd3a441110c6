"""GPM: NVML's counters of what the multiprocessors, tensor cores and memory really do (Hopper and later).

A reading is the difference between two samples. The older one is kept from the reading before, so
each reading takes one sample and makes one call for all metrics: 0.2 + 1.2 ms on an H200. A metric
that the device refuses goes absent; the others go on.
"""

from __future__ import annotations

import math
from typing import Final

import pynvml

from app.telemetry.nvidia_border import Handle, Nvml, Sample
from app.telemetry.nvidia_calls import Calls
from app.telemetry.rates import FIRST
from workloads.wire.frames import Gauges

_MIB: Final = float(2**20)
# The driver itself names the unit of PCIe and NVLink (metricInfo.unit), as nvml.h does: MiB/s. While an H200 took
# pinned copies of 55.4 GB/s from the host, PCIE_RX gave 59.4 GB/s: the link counts headers and checksums too, some 20
# bytes with every 256 of payload. So the gauge stands about 7 % above what a workload counts.

_METRICS: Final = (
    ("graphics_active_percent", pynvml.NVML_GPM_METRIC_GRAPHICS_UTIL, 1.0),
    ("sm_active_percent", pynvml.NVML_GPM_METRIC_SM_UTIL, 1.0),
    ("sm_occupancy_percent", pynvml.NVML_GPM_METRIC_SM_OCCUPANCY, 1.0),
    ("tensor_active_percent", pynvml.NVML_GPM_METRIC_ANY_TENSOR_UTIL, 1.0),
    ("fp64_active_percent", pynvml.NVML_GPM_METRIC_FP64_UTIL, 1.0),
    ("fp32_active_percent", pynvml.NVML_GPM_METRIC_FP32_UTIL, 1.0),
    ("fp16_active_percent", pynvml.NVML_GPM_METRIC_FP16_UTIL, 1.0),
    ("integer_active_percent", pynvml.NVML_GPM_METRIC_INTEGER_UTIL, 1.0),
    ("dram_percent", pynvml.NVML_GPM_METRIC_DRAM_BW_UTIL, 1.0),
    ("pcie_receive_bytes_per_s", pynvml.NVML_GPM_METRIC_PCIE_RX_PER_SEC, _MIB),
    ("pcie_send_bytes_per_s", pynvml.NVML_GPM_METRIC_PCIE_TX_PER_SEC, _MIB),
    ("nvlink_receive_bytes_per_s", pynvml.NVML_GPM_METRIC_NVLINK_TOTAL_RX_PER_SEC, _MIB),
    ("nvlink_send_bytes_per_s", pynvml.NVML_GPM_METRIC_NVLINK_TOTAL_TX_PER_SEC, _MIB),
)

GPM_GAUGES: Final = (*(name for name, *_ in _METRICS), "dram_bytes_per_s")
"""Every gauge that comes from GPM."""


class GpmGauges:
    """One device's readings with the source `gpm`."""

    def __init__(self, nvml: Nvml, device: Handle, calls: Calls, dram_limit_bytes_per_s: float | None) -> None:
        self._nvml = nvml
        self._device = device
        self._calls = calls
        self._dram_limit = dram_limit_bytes_per_s
        self._older: Sample | None = None
        self._spare: Sample | None = None

    def read(self, name: str, run: int, at_ns: int) -> Gauges:
        """What happened since the reading before; all absent in the first, and where the device refuses."""
        readings: dict[str, float] = {}
        absent: dict[str, str] = {}
        older = self._older
        newer = self._calls.ask(("gpm", *GPM_GAUGES), absent, self._take)
        absent.pop("gpm", None)
        if newer is not None:
            self._older, self._spare = newer, older
            if older is None:
                absent.update(dict.fromkeys(GPM_GAUGES, FIRST))
            else:
                self._compare(older, newer, readings, absent)
        return Gauges(run=run, at_ns=at_ns, device=name, source="gpm", readings=readings, absent=absent)

    def _take(self) -> Sample:
        if self._spare is None:
            self._spare = self._nvml.gpm_sample()
        self._nvml.gpm_take(self._device, self._spare)
        return self._spare

    def _compare(self, older: Sample, newer: Sample, readings: dict[str, float], absent: dict[str, str]) -> None:
        wanted = [metric for metric in _METRICS if self._calls.is_open(metric[0])]
        absent.update({name: self._calls.why_not(name) for name, *_ in _METRICS if not self._calls.is_open(name)})
        names = ("gpm metrics", *(name for name, *_ in wanted))
        ids = [number for _, number, _ in wanted]
        answers = self._calls.ask(names, absent, lambda: self._nvml.gpm_metrics(older, newer, ids))
        absent.pop("gpm metrics", None)
        for (name, _, unit), (code, value) in zip(wanted, answers or (), strict=answers is not None):
            if code:
                absent[name] = self._calls.refuse(name, code)
            elif not math.isfinite(value):
                absent[name] = "the driver gave no number"
            else:
                readings[name] = value * unit
        self._add_dram_bytes(readings, absent)

    def _add_dram_bytes(self, readings: dict[str, float], absent: dict[str, str]) -> None:
        share = readings.get("dram_percent")
        if share is None:
            absent["dram_bytes_per_s"] = absent["dram_percent"]
        elif self._dram_limit is None:
            absent["dram_bytes_per_s"] = "the device does not say how wide or how fast its memory is"
        else:
            readings["dram_bytes_per_s"] = share / 100 * self._dram_limit
