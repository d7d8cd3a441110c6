"""Published peaks: how many floating-point operations a second a device is sold with.

Dense rates, without sparsity, from the vendor's data sheets; what is not known for sure is not here.
MFU is measured against these, and against nothing else.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """A published peak."""

    flops_per_s: float
    source: str
    """The data sheet that says so."""


_T: Final = 1e12

_HOPPER_SXM: Final = {"bfloat16": 989.4, "float16": 989.4, "tf32": 494.7, "float32": 66.9, "float64": 66.9}
_HOPPER_PCIE: Final = {"bfloat16": 756.0, "float16": 756.0, "tf32": 378.0, "float32": 51.0, "float64": 51.0}
_A100: Final = {"bfloat16": 312.0, "float16": 312.0, "tf32": 156.0, "float32": 19.5, "float64": 19.5}
_L40S: Final = {"bfloat16": 362.05, "float16": 362.05, "tf32": 183.0, "float32": 91.6}
_L4: Final = {"bfloat16": 121.0, "float16": 121.0, "tf32": 60.0, "float32": 30.3}
_A10: Final = {"bfloat16": 125.0, "float16": 125.0, "tf32": 62.5, "float32": 31.2}
_T4: Final = {"float16": 65.0, "float32": 8.1}
_V100_SXM: Final = {"float16": 125.0, "float32": 15.7, "float64": 7.8}
_V100_PCIE: Final = {"float16": 112.0, "float32": 14.0, "float64": 7.0}
_RTX_4090: Final = {"bfloat16": 165.2, "float16": 165.2, "tf32": 82.6, "float32": 82.6}

_TABLE: Final = (
    (r"\bH200 NVL\b", None, ""),
    (r"\bH200\b", _HOPPER_SXM, "NVIDIA H200 data sheet, SXM, dense"),
    (r"\bH100 PCIe\b", _HOPPER_PCIE, "NVIDIA H100 data sheet, PCIe, dense"),
    (r"\bH100 NVL\b", None, ""),
    (r"\bH100\b.*\bHBM3\b|\bH100 SXM", _HOPPER_SXM, "NVIDIA H100 data sheet, SXM, dense"),
    (r"\bA100\b", _A100, "NVIDIA A100 data sheet, dense"),
    (r"\bL40S\b", _L40S, "NVIDIA L40S data sheet, dense"),
    (r"\bL4\b", _L4, "NVIDIA L4 data sheet, dense"),
    (r"\bA10\b", _A10, "NVIDIA A10 data sheet, dense"),
    (r"\bT4\b", _T4, "NVIDIA T4 data sheet"),
    (r"\bV100-SXM", _V100_SXM, "NVIDIA V100 data sheet, SXM2"),
    (r"\bV100-PCIE", _V100_PCIE, "NVIDIA V100 data sheet, PCIe"),
    (r"\bRTX 4090(?! D| Laptop)", _RTX_4090, "NVIDIA Ada architecture white paper, RTX 4090, dense, float32 sums"),
)
"""Pattern of the device's name → TFLOP/s by precision; the first match counts. None: it differs, and is not known here.

The H100's float64 and the A100's are of the tensor cores; float32 is of the ordinary cores everywhere.
"""


def published_limit(device_name: str, precision: str) -> Limit | None:
    """The dense peak of a device by the name that it gives itself; None where none is known."""
    for pattern, peaks, source in _TABLE:
        if re.search(pattern, device_name):
            peak = peaks.get(precision) if peaks else None
            return None if peak is None else Limit(peak * _T, source)
    return None
