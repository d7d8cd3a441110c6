"""Energy of a run's measure phases, accelerator by accelerator.

From the device's energy counter where its ticks enclose enough of every phase, else mean power over
the phases times their length; which of the two is always said. The counter is read once a second, so
its first and last tick inside a phase are used, and the energy between them is scaled to the phase.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import polars as pl

from app.analysis.windows import Windows

ENOUGH = 0.8
"""The share of a phase that must lie between the counter's ticks; less leaves too much to be guessed."""

NS_A_S = 1e9


class Energy(msgspec.Struct, frozen=True, kw_only=True):
    """What one accelerator took while the run was measured, whoever used it."""

    device: str
    joules: float
    joules_per_sample: float | None
    source: Literal["energy counter", "mean power"]


def energy_of(gauges: pl.DataFrame, windows: Windows, samples: int) -> tuple[Energy, ...]:
    """Energy over the windows, of every device that gives power or energy often enough, by its name."""
    if not windows:
        return ()
    known = gauges.filter(pl.col("power_w").is_not_null() | pl.col("energy_j").is_not_null())
    found = (
        _energy(str(device), rows, windows, samples)
        for (device,), rows in known.group_by("device", maintain_order=True)
    )
    return tuple(sorted((energy for energy in found if energy is not None), key=lambda energy: energy.device))


def _energy(device: str, rows: pl.DataFrame, windows: Windows, samples: int) -> Energy | None:
    counted = [joules for begin, end in windows if (joules := _counted(rows, begin, end)) is not None]
    source: Literal["energy counter", "mean power"] = "energy counter" if len(counted) == len(windows) else "mean power"
    joules = sum(counted) if source == "energy counter" else _powered(rows, windows)
    if joules is None:
        return None
    return Energy(device=device, joules=joules, joules_per_sample=joules / samples if samples else None, source=source)


def _counted(rows: pl.DataFrame, begin: int, end: int) -> float | None:
    """By the energy counter of one device."""
    ticks = rows.filter(pl.col("energy_j").is_not_null() & pl.col("at_ns").is_between(begin, end)).sort("at_ns")
    if len(ticks) < 2:
        return None
    covered = ticks["at_ns"][-1] - ticks["at_ns"][0]
    taken = ticks["energy_j"][-1] - ticks["energy_j"][0]
    # A driver that was loaded anew counts from 0 again.
    if covered < ENOUGH * (end - begin) or taken < 0:
        return None
    return float(taken * (end - begin) / covered)


def _powered(rows: pl.DataFrame, windows: Windows) -> float | None:
    """By the power readings of one device."""
    inside = pl.any_horizontal([pl.col("at_ns").is_between(begin, end) for begin, end in windows])
    mean = rows.filter(inside)["power_w"].mean()
    if not isinstance(mean, float):
        return None
    return mean * sum(end - begin for begin, end in windows) / NS_A_S
