"""Mean and peak of every gauge over a run's measure phases."""

from __future__ import annotations

from collections import Counter

import msgspec
import polars as pl

from app.analysis.summary.windows import Windows, measured_until
from workloads.wire.clock_events import clock_events
from workloads.wire.gauges import GAUGES

COUNTERS = frozenset({"energy_j", "package_energy_j", "clock_event_reasons"})
"""A counter's mean says nothing, nor does that of a bit mask."""

ALMOST_WHOLLY = 0.95
GREATER_PART = 0.5


class GaugeSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One gauge of one device, from one source."""

    device: str
    source: str
    name: str
    """As in `workloads.wire.gauges`; its unit is its ending."""
    mean: float
    peak: float
    readings: int


class ClockEventShare(msgspec.Struct, frozen=True, kw_only=True):
    """How often one reason held the clocks of a device down."""

    device: str
    reason: str
    """In the words of `workloads.wire.clock_events`."""
    fraction: float
    """Of the readings."""


def gauge_summaries(gauges: pl.DataFrame, windows: Windows) -> tuple[GaugeSummary, ...]:
    """By device, then in the order of the table of gauges. Absent readings count for nothing."""
    inside = measured_readings(gauges, windows)
    return tuple(
        _summary(device, source, name, values)
        for (device, source), rows in sorted(inside.group_by("device", "source"), key=lambda group: _order(group[0]))
        for name in GAUGES
        if name not in COUNTERS and len(values := rows[name].drop_nulls())
    )


def clock_event_shares(gauges: pl.DataFrame, windows: Windows) -> tuple[ClockEventShare, ...]:
    """What held the clocks down, most often first for each device; being idle is no such reason."""
    inside = measured_readings(gauges, windows).filter(pl.col("clock_event_reasons").is_not_null())
    shares = []
    for (device,), rows in inside.group_by("device"):
        readings = Counter({int(mask): times for mask, times in rows["clock_event_reasons"].value_counts().iter_rows()})
        reasons: Counter[str] = Counter()
        for mask, times in readings.items():
            reasons.update({event.label: times for event in clock_events(mask) if event.slows})
        shares += [
            ClockEventShare(device=str(device), reason=reason, fraction=times / len(rows))
            for reason, times in reasons.items()
        ]
    return tuple(sorted(shares, key=lambda share: (share.device, -share.fraction, share.reason)))


def measured_readings(gauges: pl.DataFrame, windows: Windows) -> pl.DataFrame:
    """Readings of measured time: a counter's reading is of the time since the one before it.

    The first reading of all has none before it, and counts for nothing. That time lies in measure phases
    almost wholly; where they are too short for such readings, as in training with an evaluation every few
    milliseconds, at least for its greater part.
    """
    if not windows or not len(gauges):
        return gauges.clear()
    before = pl.col("at_ns").shift(1).over("device", "source", order_by="at_ns")
    read = gauges.with_columns(before=before).drop_nulls("before")
    measured = measured_until(windows, read["at_ns"]) - measured_until(windows, read["before"])
    share = measured / (read["at_ns"] - read["before"]).clip(1)
    wholly = read.filter(share >= ALMOST_WHOLLY)
    return wholly if len(wholly) else read.filter(share > GREATER_PART)


def _summary(device: object, source: object, name: str, values: pl.Series) -> GaugeSummary:
    mean, peak = values.mean(), values.max()
    assert isinstance(mean, float)
    assert isinstance(peak, float)
    return GaugeSummary(device=str(device), source=str(source), name=name, mean=mean, peak=peak, readings=len(values))


def _order(key: tuple[object, ...]) -> tuple[bool, bool, str, str]:
    """Accelerators first, then the host, then the workload's own processes."""
    device, source = str(key[0]), str(key[1])
    kind = device.rpartition(":")[2]
    return (kind == "worker", kind == "host", device, source)
