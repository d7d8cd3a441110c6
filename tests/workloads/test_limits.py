"""Published peaks are found by the name that a device gives itself, and nothing is guessed."""

from __future__ import annotations

import pytest

from workloads.limits import published_limit


@pytest.mark.parametrize(
    ("device", "precision", "tflops"),
    [
        ("NVIDIA H200", "bfloat16", 989.4),
        ("NVIDIA H100 80GB HBM3", "tf32", 494.7),
        ("NVIDIA H100 PCIe", "bfloat16", 756.0),
        ("NVIDIA A100-SXM4-80GB", "float32", 19.5),
        ("Tesla T4", "float16", 65.0),
        ("NVIDIA L4", "bfloat16", 121.0),
        ("NVIDIA L40S", "float32", 91.6),
    ],
)
def test_a_known_device_has_its_data_sheets_peak(device: str, precision: str, tflops: float) -> None:
    limit = published_limit(device, precision)
    assert limit is not None
    assert limit.flops_per_s == tflops * 1e12
    assert "NVIDIA" in limit.source


@pytest.mark.parametrize(
    ("device", "precision"),
    [
        ("AMD EPYC", "float32"),
        ("NVIDIA H200", "uint8"),
        ("NVIDIA H200 NVL", "bfloat16"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "bfloat16"),
        ("NVIDIA L40", "bfloat16"),
        ("Tesla T4", "bfloat16"),
    ],
)
def test_what_is_not_known_for_sure_is_absent(device: str, precision: str) -> None:
    assert published_limit(device, precision) is None
