"""Gauges' names → names of metrics in base units: seconds, bytes, ratios, as Prometheus' conventions ask for."""

from __future__ import annotations

from typing import Final, NamedTuple

from app.metrics.metric import Kind

_UNITS: Final = (
    ("_bytes_per_s", "_bytes_per_second", 1.0),
    ("_percent", "_ratio", 0.01),
    ("_mhz", "_hertz", 1e6),
    ("_w", "_watts", 1.0),
    ("_j", "_joules", 1.0),
    ("_c", "_celsius", 1.0),
)
"""Ending of a gauge, that of its metric, and what the reading is multiplied by."""
COUNTERS: Final = frozenset(("energy_j", "package_energy_j", "torch_retries", "torch_device_mallocs"))
"""Gauges that only rise."""


class Named(NamedTuple):
    """How a gauge is told."""

    name: str
    kind: Kind
    factor: float


def metric_of(gauge: str) -> Named:
    """`power_w` → `benchtop_power_watts`, a gauge, as it is."""
    ending, unit, factor = next((each for each in _UNITS if gauge.endswith(each[0])), ("", "", 1.0))
    name = f"benchtop_{gauge.removesuffix(ending)}{unit}"
    return Named(f"{name}_total", "counter", factor) if gauge in COUNTERS else Named(name, "gauge", factor)
