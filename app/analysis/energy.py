"""Energy of a run's measure phases, all accelerators together.

From the device's energy counter where its ticks enclose enough of every phase, else mean power over
the phases times their length; which of the two is always said. The counter is read once a second, so
its first and last tick inside a phase are used, and the energy between them is scaled to the phase.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import polars as pl

ENOUGH = 0.8
"""The share of a phase that must lie between the counter's ticks; less leaves too much to be guessed."""

NS_A_S = 1e9


Windows = Sequence[tuple[int, int]]
"""Measure phases as (begin, end), nanoseconds of the host's clock."""


class Energy(msgspec.Struct, frozen=True, kw_only=True):
    """What the accelerators took while it was measured."""

    joules: float
    joules_per_sample: float | None
    source: Literal["energy counter", "mean power"]


def energy_of(gauges: pl.DataFrame, windows: Windows, samples: int) -> Energy | None:
    """Energy over the windows; None where no device gives power or energy often enough."""
    known = gauges.filter(pl.col("power_w").is_not_null() | pl.col("energy_j").is_not_null())
    devices = [rows for _, rows in known.group_by("device")]
    if not devices or not windows:
        return None
    counted = [_counted(rows, begin, end) for rows in devices for begin, end in windows]
    if None not in counted:
        return _energy(counted, samples, "energy counter")
    powered = [_powered(rows, windows) for rows in devices]
    return None if None in powered else _energy(powered, samples, "mean power")


def _energy(joules: Sequence[float | None], samples: int, source: Literal["energy counter", "mean power"]) -> Energy:
    total = sum(value for value in joules if value is not None)
    return Energy(joules=total, joules_per_sample=total / samples if samples else None, source=source)


def _counted(rows: pl.DataFrame, begin: int, end: int) -> float | None:
    """By the energy counter of one device."""
    ticks = rows.filter(pl.col("energy_j").is_not_null() & pl.col("at_ns").is_between(begin, end)).sort("at_ns")
    if len(ticks) < 2:
        return None
    covered = ticks["at_ns"][-1] - ticks["at_ns"][0]
    if covered < ENOUGH * (end - begin):
        return None
    return float((ticks["energy_j"][-1] - ticks["energy_j"][0]) * (end - begin) / covered)


def _powered(rows: pl.DataFrame, windows: Windows) -> float | None:
    """By the power readings of one device."""
    inside = pl.any_horizontal([pl.col("at_ns").is_between(begin, end) for begin, end in windows])
    mean = rows.filter(inside)["power_w"].mean()
    if not isinstance(mean, float):
        return None
    return mean * sum(end - begin for begin, end in windows) / NS_A_S
