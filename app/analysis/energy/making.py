"""Energy of a run's measure phases, accelerator by accelerator and host by host.

From the device's energy counter where that is known well enough, else mean power over the phases times their length;
which of the two is always said, and how far it may be off. A host has RAPL's counter alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Literal, NamedTuple

import msgspec
import polars as pl

from app.analysis.energy.counted import Counted, Reading, counted, ticks
from app.analysis.summary.headline import NS_A_S
from app.analysis.summary.windows import Windows

ENOUGH = 0.2
"""A counter that may be off by more than this part of the energy is no better than mean power, which is taken then."""

TICK_NS = 100_000_000
"""The pace of a GPU's counter where it was not looked at: the slowest that Yang, Adamek and Armour found for power
readings of data-centre GPUs ("Part-time Power Measurements: nvidia-smi's Lack of Attention", SC 2024)."""

RAPL_TICK_NS = 1_000_000
"""RAPL's counters are brought up to date about every millisecond (Intel SDM, volume 3, section 16.10.3)."""

MARGIN_NS = 5_000_000_000
"""Readings so far beside the measure phases tell how the counter stood at their edges."""

Source = Literal["energy counter", "mean power"]


class Energy(msgspec.Struct, frozen=True, kw_only=True):
    """What one accelerator, or the processors of a host, took while the run was measured, whoever used it."""

    device: str
    joules: float
    joules_per_sample: float | None
    source: Source
    error_fraction: float | None = None
    """Joules may be off by no more than this part of them. By mean power: twice the standard error of the mean of the
    readings, without what the sensor itself is off. None: it cannot be told."""
    joules_per_token: float | None = None
    joules_per_request: float | None = None
    idle_w: float | None = None
    """Power before the first run, with nothing running; None where it was not measured."""
    above_idle_fraction: float | None = None
    """The part of joules above what idling for as long would have taken."""


class Units(NamedTuple):
    """What was done with the energy; 0 where that cannot be told."""

    samples: int = 0
    tokens: int = 0
    requests: int = 0


def energy_of(
    gauges: pl.DataFrame,
    windows: Windows,
    units: Units,
    ticks_ns: Mapping[str, int | None] | None = None,
    idle_w: Mapping[str, float] | None = None,
) -> tuple[Energy, ...]:
    """Energy over the windows, of every device that gives power or energy often enough, by its name.

    `gauges` are those around the windows, whatever run they are of; `ticks_ns` is the pace of each device's counter,
    `idle_w` the power of each before the first run.
    """
    if not windows:
        return ()
    found = []
    for (name,), rows in gauges.group_by("device", maintain_order=True):
        device = str(name)
        taken = _taken(device, rows.sort("at_ns"), windows, (ticks_ns or {}).get(device))
        if taken is not None:
            found.append(_energy(device, taken, windows, units, (idle_w or {}).get(device)))
    # Accelerators come before hosts.
    return tuple(sorted(found, key=lambda energy: (is_host(energy.device), energy.device)))


def around(gauges: pl.LazyFrame, windows: Windows) -> pl.DataFrame:
    """The readings that `energy_of` needs: those of power and energy."""
    if not windows:
        return gauges.clear().collect()
    first, last = windows[0][0] - MARGIN_NS, windows[-1][1] + MARGIN_NS
    wanted = ("device", "at_ns", "power_w", "energy_j", "package_energy_j")
    tells = pl.any_horizontal(pl.col(wanted[2:]).is_not_null())
    return gauges.filter(pl.col("at_ns").is_between(first, last) & tells).select(wanted).collect()


def is_host(device: str) -> bool:
    """Whether it is the processors of a host."""
    return device.rpartition(":")[2] == "host"


class _Taken(NamedTuple):
    joules: float
    error_j: float | None
    source: Source


def _taken(device: str, rows: pl.DataFrame, windows: Windows, tick_ns: int | None) -> _Taken | None:
    """By the counter, or by power where there are readings of it and the counter may be off by too much."""
    gauge, pace_ns = ("package_energy_j", RAPL_TICK_NS) if is_host(device) else ("energy_j", TICK_NS)
    powers = list(_readings(rows, "power_w"))
    by_counter = _counted(list(_readings(rows, gauge)), powers, windows, tick_ns or pace_ns)
    by_power = _powered(powers, windows)
    if by_counter is not None and (by_power is None or by_counter.error_j <= ENOUGH * by_counter.joules):
        return _Taken(by_counter.joules, by_counter.error_j, "energy counter")
    return by_power


def _energy(device: str, taken: _Taken, windows: Windows, units: Units, idle_w: float | None) -> Energy:
    joules, error_j, source = taken
    seconds = sum(end - begin for begin, end in windows) / NS_A_S
    return Energy(
        device=device,
        joules=joules,
        joules_per_sample=joules / units.samples if units.samples else None,
        source=source,
        error_fraction=error_j / joules if error_j is not None and joules else None,
        joules_per_token=joules / units.tokens if units.tokens else None,
        joules_per_request=joules / units.requests if units.requests else None,
        idle_w=idle_w,
        above_idle_fraction=1 - idle_w * seconds / joules if idle_w is not None and joules else None,
    )


def _readings(rows: pl.DataFrame, gauge: str) -> Iterator[Reading]:
    known = rows.filter(pl.col(gauge).is_not_null())
    return (Reading(at_ns, value) for at_ns, value in known.select("at_ns", gauge).iter_rows())


def _counted(readings: list[Reading], powers: list[Reading], windows: Windows, tick_ns: int) -> Counted | None:
    """By the counter, where it tells of every window."""
    ticked = ticks(readings)
    found = [counted(ticked, powers, begin, end, tick_ns) for begin, end in windows]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    return Counted(sum(each.joules for each in known), sum(each.error_j for each in known))


def _powered(powers: list[Reading], windows: Windows) -> _Taken | None:
    """By the power readings of one device."""
    at = pl.Series([power.at_ns for power in powers], dtype=pl.Int64)
    values = pl.Series([power.value for power in powers], dtype=pl.Float64)
    inside = pl.Series([False] * len(powers), dtype=pl.Boolean)
    for begin, end in windows:
        inside |= at.is_between(begin, end)
    read = values.filter(inside)
    mean, deviation = read.mean(), read.std()
    if not isinstance(mean, float):
        return None
    seconds = sum(end - begin for begin, end in windows) / NS_A_S
    if len(read) < 3 or not isinstance(deviation, float):
        return _Taken(mean * seconds, None, "mean power")
    return _Taken(mean * seconds, 2 * deviation / sqrt(len(read)) * seconds, "mean power")
