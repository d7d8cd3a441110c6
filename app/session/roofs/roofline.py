"""The roofline of a device: the most that its probes reached, and how near to it a run comes. Pure.

The model is that of Williams, Waterman and Patterson (2009): work of I FLOP a byte is done at no more than
min(peak FLOP/s, I × bytes/s). Peaks and bandwidth are measured here, by probe/matmul and probe/copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from workloads.wire.frames import Nanoseconds, RunStarted

ARITHMETIC, MEMORY = "probe/matmul", "probe/copy"
"""The probes that a roofline is made of."""

Bound = Literal["memory", "compute"]
"""Under which part of the roof work lies: the slope or the flat."""


class Roofline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one device was measured to do at most."""

    device_name: str
    host: str
    """As the worker's Hello names it: two devices of one name in two hosts are two."""
    kind: Literal["cuda", "cpu"]
    flops_per_s: dict[str, float] = {}
    """Precision → the best run of probe/matmul."""
    bytes_per_s: float | None = None
    """The best run of probe/copy, read plus written."""
    session: str = ""
    """The session that measured it; empty: the one that is looked at."""
    wall_ns: Nanoseconds = 0
    """When that session ended, nanoseconds since 1970, UTC."""
    filled_from: str = ""
    """The session that what this one lacked was taken from; empty: it lacked nothing that is known."""


class Measured(msgspec.Struct, frozen=True):
    """A run that has ended, as far as a roofline needs it."""

    started: RunStarted
    host: str
    units_per_s: float
    """Over all its measure phases."""
    hosts: int = 1
    """That share it."""


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """How near a run comes to what its devices can do; fractions. None: one of the two is not known."""

    mfu: float | None = None
    """FLOP/s over the published peak."""
    hfu: float | None = None
    """The same with the operations that are really done, recomputation included; None where nobody counted them."""
    mfu_measured: float | None = None
    """FLOP/s over the measured peak of the run's precision."""
    bandwidth_fraction: float | None = None
    """Counted bytes a second over the measured bandwidth, for bytes that move over DRAM."""


def rooflines_of(runs: Iterable[Measured], session: str, wall_ns: int) -> tuple[Roofline, ...]:
    """One roofline for each device that was probed, of the best run of each kind, in the order of the runs."""
    found: dict[tuple[str, str], Roofline] = {}
    for run in runs:
        started = run.started
        if started.workload not in (ARITHMETIC, MEMORY):
            continue
        key = (run.host, started.device_name)
        known = found.get(key) or Roofline(
            device_name=started.device_name,
            host=run.host,
            kind="cuda" if started.device.startswith("cuda") else "cpu",
            session=session,
            wall_ns=wall_ns,
        )
        better = _with(known, run)
        if better.flops_per_s or better.bytes_per_s:
            found[key] = better
    return tuple(found.values())


def combined(rooflines: Iterable[Roofline]) -> tuple[Roofline, ...]:
    """One for each host and device. Earlier ones count for more: what they lack is filled in from later ones.

    So a session that probed a single precision does not hide what an older one knows of the others.
    """
    found: dict[tuple[str, str], Roofline] = {}
    for each in rooflines:
        key = (each.host, each.device_name)
        first = found.get(key)
        found[key] = each if first is None else _filled(first, each)
    return tuple(found.values())


def is_whole(roofline: Roofline) -> bool:
    """Whether it has both parts of a roof."""
    return bool(roofline.flops_per_s) and roofline.bytes_per_s is not None


def roofline_for(rooflines: Iterable[Roofline], device_name: str, host: str) -> Roofline | None:
    """The one of that device in that host."""
    return next((each for each in rooflines if (each.device_name, each.host) == (device_name, host)), None)


def devices_of(started: RunStarted, hosts: int) -> int:
    """How many devices share a run: a GPU for each rank, but the ranks on one host share its processor."""
    ranks = max(1, started.ranks)
    return min(ranks, max(1, hosts)) if started.device == "cpu" else ranks


def shares(started: RunStarted | None, units_per_s: float | None, roofline: Roofline | None, hosts: int = 1) -> Shares:
    """How near a run on so many hosts comes to its limits at this rate; all its devices against as many limits."""
    if started is None or units_per_s is None:
        return Shares()
    per_device = units_per_s / devices_of(started, hosts)
    peak = roofline.flops_per_s.get(started.precision) if roofline else None
    bandwidth = roofline.bytes_per_s if roofline and started.moves_over == "dram" else None
    return Shares(
        mfu=_share(per_device, started.flops_per_unit, started.limit_flops_per_s),
        hfu=_share(per_device, started.hardware_flops_per_unit, started.limit_flops_per_s),
        mfu_measured=_share(per_device, started.flops_per_unit, peak),
        bandwidth_fraction=_share(per_device, started.bytes_per_unit, bandwidth),
    )


def ridge(roofline: Roofline, precision: str) -> float | None:
    """FLOP a byte from which on arithmetic is the limit and no longer the memory."""
    peak = roofline.flops_per_s.get(precision)
    return peak / roofline.bytes_per_s if peak and roofline.bytes_per_s else None


def roof_at(roofline: Roofline, precision: str, intensity: float) -> tuple[float, Bound] | None:
    """The most FLOP/s at `intensity` FLOP a byte, and which part of the roof it is; None where a part is missing."""
    peak, bandwidth = roofline.flops_per_s.get(precision), roofline.bytes_per_s
    if not peak or not bandwidth:
        return None
    slope = intensity * bandwidth
    return (slope, "memory") if slope < peak else (peak, "compute")


def _with(roofline: Roofline, run: Measured) -> Roofline:
    """A roofline that knows one probe more."""
    started = run.started
    per_device = run.units_per_s / devices_of(started, run.hosts)
    if started.workload == ARITHMETIC and started.flops_per_unit:
        peak = per_device * started.flops_per_unit
        best = max(peak, roofline.flops_per_s.get(started.precision, 0.0))
        peaks = roofline.flops_per_s | {started.precision: best}
        return msgspec.structs.replace(roofline, flops_per_s=peaks) if peak > 0 else roofline
    if started.workload == MEMORY and started.bytes_per_unit and started.moves_over == "dram":
        bandwidth = max(per_device * started.bytes_per_unit, roofline.bytes_per_s or 0.0)
        return msgspec.structs.replace(roofline, bytes_per_s=bandwidth or None)
    return roofline


def _filled(first: Roofline, other: Roofline) -> Roofline:
    filled = msgspec.structs.replace(
        first,
        flops_per_s=other.flops_per_s | first.flops_per_s,
        bytes_per_s=other.bytes_per_s if first.bytes_per_s is None else first.bytes_per_s,
    )
    if filled == first or first.filled_from:
        return filled
    return msgspec.structs.replace(filled, filled_from=other.session)


def _share(units_per_s: float, each: float | None, most: float | None) -> float | None:
    return units_per_s * each / most if each is not None and most is not None and most > 0 else None
