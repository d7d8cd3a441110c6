"""Which of a run's cases is its best: the one that stands for the run where only one number is shown. Pure."""

from __future__ import annotations


def merit(units_per_s: float | None, flops_per_unit: float | None, bytes_per_unit: float | None) -> tuple[float, ...]:
    """The larger, the better the case: by FLOP/s where they are counted, else by bytes, else by units a second."""
    rate = units_per_s or 0.0
    return (rate * (flops_per_unit or 0.0), rate * (bytes_per_unit or 0.0), rate)
