"""Gauges of one run → means, peaks, energy: what the devices did in its measure phases."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from app.analysis.curve import amount_within, integral
from app.analysis.samples import phase_at
from app.analysis.summary import DeviceSummary, Energy, GaugeSummary
from app.session.manifest import RunRecord
from workloads.wire.frames import DeviceFacts
from workloads.wire.gauges import GAUGES

NO_NUMBERS = frozenset({"energy_j", "clock_event_reasons"})
"""A counter and a bit mask: their mean and peak would say nothing."""


def within_measure(readings: pl.DataFrame, record: RunRecord) -> pl.DataFrame:
    """The readings whose instants lie in the run's measure phases."""
    until = record.measured_until_ns
    if until is None:
        return readings.clear()
    return readings.filter((phase_at(record.phases, readings["at_ns"]) == "measure") & (readings["at_ns"] <= until))


def device_summaries(measured: pl.DataFrame, facts: Sequence[DeviceFacts]) -> tuple[DeviceSummary, ...]:
    """Each device that gave readings: accelerators by number, then the host and the workload's processes."""
    names = {fact.device: fact.name for fact in facts}
    tables = {str(device): table for (device,), table in measured.group_by("device", maintain_order=True)}
    return tuple(_device(device, tables[device], names.get(device)) for device in sorted(tables, key=_place))


def _place(device: str) -> tuple[int, int, str]:
    if device in ("host", "worker"):
        return (1, 0, device)
    digits = "".join(filter(str.isdigit, device))
    return (0, int(digits or 0), device)


def _device(device: str, table: pl.DataFrame, name: str | None) -> DeviceSummary:
    gauges = [
        _gauge(gauge, str(source), values)
        for (source,), rows in table.group_by("source", maintain_order=True)
        for gauge in GAUGES
        if gauge not in NO_NUMBERS and len(values := rows[gauge].drop_nulls())
    ]
    order = list(GAUGES)
    reasons = table["clock_event_reasons"].drop_nulls().cast(pl.Int64)
    return DeviceSummary(
        device=device,
        name=name,
        gauges=tuple(sorted(gauges, key=lambda summary: order.index(summary.gauge))),
        clock_event_reasons=reasons.bitwise_or() if len(reasons) else None,
    )


def _gauge(gauge: str, source: str, values: pl.Series) -> GaugeSummary:
    raw = {
        "gauge": gauge,
        "source": source,
        "mean": values.mean(),
        "peak": values.max(),
        "readings": len(values),
    }
    return GaugeSummary(**raw)  # type: ignore[arg-type]


def energies(readings: pl.DataFrame, windows: Sequence[tuple[int, int]], samples: int) -> tuple[Energy, ...]:
    """What each accelerator took within the windows, from all its readings.

    The energy counter where the device has one, read at the windows' ends by drawing a line between the
    nearest readings; else the integral of its power. A device without either is left out.
    """
    found = []
    for device in sorted(readings["device"].unique()):
        table = readings.filter(device=device)
        counter, power = _points(table, "energy_j"), _points(table, "power_w")
        method = "counter" if len(counter) > 1 else "power"
        joules = amount_within(counter if method == "counter" else integral(power), windows)
        if joules is not None:
            each = joules / samples if samples else None
            found.append(Energy(device=device, joules=joules, method=method, joules_per_unit=each))
    return tuple(found)


def _points(table: pl.DataFrame, gauge: str) -> list[tuple[int, float]]:
    return table.select("at_ns", gauge).drop_nulls().unique("at_ns").sort("at_ns").rows()
