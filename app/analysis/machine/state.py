"""The machine's state while a run was measured: what can make one repeat slower than another.

Everything is over the readings of measured time, as in `gauge_summary`. What the machine did not give is
None, and `absent` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import polars as pl
from msgspec.structs import replace

from app.analysis.summary.gauge_summary import measured_readings
from app.analysis.summary.windows import Windows
from workloads.wire.clock_events import clock_events
from workloads.wire.frames import Fingerprint, Hello

POWER_CAPS = frozenset({"SwPowerCap", "HwPowerBrakeSlowdown"})
"""NVML's reasons that mean: the board would draw more power than it may."""


class DeviceState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One accelerator."""

    device: str
    sm_clock_mhz: float | None = None
    """Mean."""
    sm_clock_min_mhz: float | None = None
    memory_clock_mhz: float | None = None
    """Mean."""
    memory_clock_min_mhz: float | None = None
    temperature_max_c: float | None = None
    power_limit_w: float | None = None
    """The lowest that was set."""
    power_capped_fraction: float | None = None
    """Of the readings: those with a power cap or power brake among the reasons."""
    otherwise_held_fraction: float | None = None
    """Of the readings: those with any other reason that holds the clocks of a busy device down, and no power cap."""
    held_by: tuple[str, ...] = ()
    """Those reasons, the most frequent first, in the words of `workloads.wire.clock_events`."""
    utilization_percent: float | None = None
    """Mean."""
    own_processes: int | None = None
    """The workload's, at most."""
    foreign_processes: int | None = None
    """Others, at most."""
    foreign_memory_bytes: float | None = None
    """Held by others, at most."""
    foreign_fraction: float | None = None
    """Of the readings: those with any process of others."""
    absent: dict[str, str] = {}
    """Gauge → why there is no reading of it."""


class HostState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One host."""

    host: str
    """`host`, or `node2:host`."""
    governor: str | None = None
    frequency_mhz: float | None = None
    """Mean clock of the processors."""
    frequency_min_mhz: float | None = None
    cpu_steal_percent: float | None = None
    cpu_pressure_percent: float | None = None
    memory_pressure_percent: float | None = None
    io_pressure_percent: float | None = None
    swap_used_bytes: float | None = None
    """At most."""
    swap_in_bytes_per_s: float | None = None
    swap_out_bytes_per_s: float | None = None
    other_processors: float | None = None
    """Processors that others kept busy: the load of all less the workload's own. benchtop's other processes are some
    hundredths of it."""
    absent: dict[str, str] = {}
    """Gauge, or `governor` → why there is none."""


class MachineState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All devices and hosts that were read during one run."""

    devices: tuple[DeviceState, ...] = ()
    hosts: tuple[HostState, ...] = ()


DEVICE_GAUGES = (
    "sm_clock_mhz",
    "memory_clock_mhz",
    "clock_event_reasons",
    "temperature_c",
    "power_limit_w",
    "foreign_processes",
    "foreign_memory_bytes",
)
MEANS = ("cpu_steal_percent", "cpu_pressure_percent", "memory_pressure_percent", "io_pressure_percent")
HOST_GAUGES = (*MEANS, "frequency_mhz", "swap_used_bytes", "swap_in_bytes_per_s", "swap_out_bytes_per_s")

Absent = Mapping[str, Mapping[str, str]]
"""Device → gauge → why it never gave a reading, as the manifest keeps it."""


def machine_state(
    gauges: pl.DataFrame, windows: Windows, absent: Absent, fingerprints: Mapping[str, Fingerprint]
) -> MachineState | None:
    """`gauges`: the rows of the gauges table around one run; `fingerprints`: of each host, by its gauges' device.

    None where nothing was read while the run was measured.
    """
    inside = measured_readings(gauges, windows)
    if not len(inside):
        return None
    by_name = {str(name): rows for (name,), rows in inside.group_by("device", maintain_order=True)}
    names = sorted(by_name)
    return MachineState(
        devices=tuple(
            _device(name, by_name[name], absent.get(name, {}))
            for name in sorted(names, key=lambda name: ":" in name)
            if name.rpartition(":")[2] not in ("host", "worker")
        ),
        hosts=tuple(
            replace(
                _host(name, by_name[name], absent.get(name, {}), fingerprints.get(name)),
                other_processors=_others(by_name[name], by_name.get(f"{name.removesuffix('host')}worker")),
            )
            for name in names
            if name.rpartition(":")[2] == "host"
        ),
    )


def host_fingerprints(hellos: Sequence[Hello]) -> dict[str, Fingerprint]:
    """By the name that readings of the host have: `host` of the first, `node2:host` of a further one."""
    found: dict[str, Fingerprint] = {}
    for hello in hellos:
        if hello.role == "sampler":
            node = next((facts.device.rpartition(":")[0] for facts in hello.fingerprint.devices), "")
            found.setdefault(f"{node}:host" if node else "host", hello.fingerprint)
    return found


def _device(name: str, rows: pl.DataFrame, absent: Mapping[str, str]) -> DeviceState:
    said = rows["clock_event_reasons"].drop_nulls()
    readings = [clock_events(int(mask)) for mask in said]
    reasons = [event.label for events in readings for event in events if event.slows]
    others = rows["foreign_processes"].drop_nulls()
    return DeviceState(
        device=name,
        sm_clock_mhz=_of(rows, "sm_clock_mhz", _mean),
        sm_clock_min_mhz=_of(rows, "sm_clock_mhz", min),
        memory_clock_mhz=_of(rows, "memory_clock_mhz", _mean),
        memory_clock_min_mhz=_of(rows, "memory_clock_mhz", min),
        temperature_max_c=_of(rows, "temperature_c", max),
        power_limit_w=_of(rows, "power_limit_w", min),
        power_capped_fraction=_share([any(e.name in POWER_CAPS for e in events) for events in readings]),
        otherwise_held_fraction=_share(
            [any(e.slows for e in events) and not any(e.name in POWER_CAPS for e in events) for events in readings]
        ),
        held_by=tuple(sorted(set(reasons), key=lambda reason: (-reasons.count(reason), reason))),
        utilization_percent=_of(rows, "utilization_percent", _mean),
        own_processes=_whole(_of(rows, "own_processes", max)),
        foreign_processes=_whole(_of(rows, "foreign_processes", max)),
        foreign_memory_bytes=_of(rows, "foreign_memory_bytes", max),
        foreign_fraction=_share([count > 0 for count in others]),
        absent=_absent(rows, DEVICE_GAUGES, absent),
    )


def _host(name: str, rows: pl.DataFrame, absent: Mapping[str, str], fingerprint: Fingerprint | None) -> HostState:
    reasons = _absent(rows, HOST_GAUGES, absent)
    if fingerprint is not None and fingerprint.governor is None and "governor" in fingerprint.absent:
        reasons["governor"] = fingerprint.absent["governor"]
    return HostState(
        host=name,
        governor=fingerprint.governor if fingerprint else None,
        frequency_mhz=_of(rows, "frequency_mhz", _mean),
        frequency_min_mhz=_of(rows, "frequency_mhz", min),
        swap_used_bytes=_of(rows, "swap_used_bytes", max),
        swap_in_bytes_per_s=_of(rows, "swap_in_bytes_per_s", _mean),
        swap_out_bytes_per_s=_of(rows, "swap_out_bytes_per_s", _mean),
        cpu_steal_percent=_of(rows, "cpu_steal_percent", _mean),
        cpu_pressure_percent=_of(rows, "cpu_pressure_percent", _mean),
        memory_pressure_percent=_of(rows, "memory_pressure_percent", _mean),
        io_pressure_percent=_of(rows, "io_pressure_percent", _mean),
        absent=reasons,
    )


def _others(host: pl.DataFrame, worker: pl.DataFrame | None) -> float | None:
    """Processors that were busy for somebody else."""
    processors = _of(host.select(count=pl.col("core_percent").list.len().cast(pl.Float64)), "count", max)
    load = _of(host, "cpu_percent", _mean)
    own = None if worker is None else _of(worker, "cpu_percent", _mean)
    if processors is None or load is None or own is None:
        return None
    # The two are read at different instants, and the kernel counts in ticks.
    return max(0.0, (load * processors - own) / 100)


def _of(rows: pl.DataFrame, gauge: str, of: Callable[[Sequence[float]], float]) -> float | None:
    values = rows[gauge].drop_nulls().to_list()
    return of(values) if values else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _share(marks: Sequence[bool]) -> float | None:
    return sum(marks) / len(marks) if marks else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _absent(rows: pl.DataFrame, gauges: Sequence[str], reasons: Mapping[str, str]) -> dict[str, str]:
    """Of what has no reading here: why it never had one, where that is known."""
    return {name: reasons[name] for name in gauges if name in reasons and not rows[name].count()}
