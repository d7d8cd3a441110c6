"""What NVML answered on a real device: read from an H200, driver 580.159.04.

GPM values are per cent, PCIe and NVLink in the driver's own unit, MiB/s.
"""

from __future__ import annotations

import pynvml

NAME = "NVIDIA H200"
DRIVER = "580.159.04"
MEMORY_TOTAL = 150754820096
MEMORY_USED_IDLE = 644939776
SM_CLOCK_LIMIT_MHZ = 1980
MEMORY_CLOCK_LIMIT_MHZ = 3201
BUS_WIDTH_BITS = 6016
POWER_LIMIT_MW = 700000
ENERGY_MJ = 2540147
MEMORY_TEMPERATURE_C = 42
TEMPERATURE_C = 39
COMPUTE_CAPABILITY = (9, 0)
CORES = 16896
PCIE_GENERATION, PCIE_WIDTH = 5, 16
ECC = (0, 0)
"""Now, and after the next restart."""
MIG = [0, 0]
PERSISTENCE = 1
VBIOS = "96.00.BC.00.01"
"""The form of a version; which it was, nobody wrote down."""
INFOROM = "G520.0280.00.05"
"""As VBIOS."""

COPY_COUNTED_BYTES_PER_S = 4266.232e9
"""Read plus written, as the load of COPY counted it."""
COPY_DRAM_PERCENT = 88.574
HOST_TO_DEVICE_COUNTED_BYTES_PER_S = 54.9967e9
"""Payload, as the load of HOST_TO_DEVICE counted it."""

COPY = {
    pynvml.NVML_GPM_METRIC_GRAPHICS_UTIL: 99.589,
    pynvml.NVML_GPM_METRIC_SM_UTIL: 98.394,
    pynvml.NVML_GPM_METRIC_SM_OCCUPANCY: 79.386,
    pynvml.NVML_GPM_METRIC_ANY_TENSOR_UTIL: 0.0,
    pynvml.NVML_GPM_METRIC_DRAM_BW_UTIL: COPY_DRAM_PERCENT,
    pynvml.NVML_GPM_METRIC_FP64_UTIL: 0.0,
    pynvml.NVML_GPM_METRIC_FP32_UTIL: 0.0,
    pynvml.NVML_GPM_METRIC_FP16_UTIL: 0.0,
    pynvml.NVML_GPM_METRIC_INTEGER_UTIL: 7.981,
    pynvml.NVML_GPM_METRIC_PCIE_RX_PER_SEC: 29.428,
    pynvml.NVML_GPM_METRIC_PCIE_TX_PER_SEC: 10.814,
    pynvml.NVML_GPM_METRIC_NVLINK_TOTAL_RX_PER_SEC: 0.0,
    pynvml.NVML_GPM_METRIC_NVLINK_TOTAL_TX_PER_SEC: 0.0,
}
"""GPM during copies of 2 GiB from device to device."""

HOST_TO_DEVICE = {
    **COPY,
    pynvml.NVML_GPM_METRIC_GRAPHICS_UTIL: 0.006,
    pynvml.NVML_GPM_METRIC_SM_UTIL: 0.0,
    pynvml.NVML_GPM_METRIC_SM_OCCUPANCY: 0.0,
    pynvml.NVML_GPM_METRIC_DRAM_BW_UTIL: 1.149,
    pynvml.NVML_GPM_METRIC_INTEGER_UTIL: 0.0,
    pynvml.NVML_GPM_METRIC_PCIE_RX_PER_SEC: 56321.025,
    pynvml.NVML_GPM_METRIC_PCIE_TX_PER_SEC: 3381.138,
}
"""GPM during pinned copies of 256 MiB from the host."""

UTILIZATION_HOST_TO_DEVICE = (99, 2)
"""NVML's utilization at the same time: the GPU and its memory, per cent."""
POWER_COPY_MW = 673190
CLOCK_EVENTS_MATMUL = 4
