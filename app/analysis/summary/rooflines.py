"""The rooflines of a session: made of its probes, and as `show` reports them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from app.session.roofs.roofline import ARITHMETIC, MEMORY, Measured, Roofline, combined, ridge, rooflines_of
from app.session.store.manifest import Manifest, RunRecord
from workloads.limits import published_limit
from workloads.wire.frames import DeviceFacts, Hello


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """Arithmetic at one precision."""

    precision: str
    flops_per_s: float
    published_flops_per_s: float | None = None
    """The device's dense peak by its data sheet; None where none is known."""
    published_source: str | None = None
    published_fraction: float | None = None
    """flops_per_s ÷ published_flops_per_s."""
    ridge_flops_per_byte: float | None = None
    """From here on arithmetic is the limit, below it the memory; None where the bandwidth was not measured."""


class RooflineReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one device was measured to do at most, against what it is sold with."""

    device_name: str
    host: str
    kind: str
    peaks: tuple[Peak, ...] = ()
    """The highest first."""
    bytes_per_s: float | None = None
    """Read plus written."""
    dram_limit_bytes_per_s: float | None = None
    """Memory clock × bus width × 2 / 8."""
    dram_limit_fraction: float | None = None
    session: str = ""
    wall_ns: int = 0


def with_rooflines(manifest: Manifest, session: str) -> Manifest:
    """A manifest with headlines → the same with what its probes measured."""
    hosts, shared = run_hosts(manifest.hellos), manifest.plan.hosts
    probed = (
        Measured(record.started, hosts.get(record.run, ""), record.headline.samples_per_s, shared)
        for record in manifest.runs
        if record.started is not None and record.headline.samples_per_s is not None
    )
    return replace(manifest, rooflines=rooflines_of(probed, session, manifest.ended_ns))


def run_hosts(hellos: Sequence[Hello]) -> dict[int, str]:
    """Run → where its first worker ran."""
    return {hello.run: hello.host for hello in hellos if hello.role == "worker" and hello.rank == 0}


def rooflines_for(manifest: Manifest, record: RunRecord) -> tuple[Roofline, ...]:
    """What a run is held against: this session's own before earlier ones; a probe against earlier ones."""
    if record.started is not None and record.started.workload in (ARITHMETIC, MEMORY):
        return manifest.plan.rooflines
    return combined((*manifest.rooflines, *manifest.plan.rooflines))


def roofline_reports(manifest: Manifest) -> tuple[RooflineReport, ...]:
    """Those that the session itself measured."""
    return tuple(_report(roofline, manifest.hellos) for roofline in manifest.rooflines)


def _report(roofline: Roofline, hellos: Sequence[Hello]) -> RooflineReport:
    limit = _dram_limit(roofline, hellos)
    in_order = sorted(roofline.flops_per_s.items(), key=lambda peak: -peak[1])
    return RooflineReport(
        device_name=roofline.device_name,
        host=roofline.host,
        kind=roofline.kind,
        peaks=tuple(_peak(roofline, precision, flops) for precision, flops in in_order),
        bytes_per_s=roofline.bytes_per_s,
        dram_limit_bytes_per_s=limit,
        dram_limit_fraction=roofline.bytes_per_s / limit if roofline.bytes_per_s and limit else None,
        session=roofline.session,
        wall_ns=roofline.wall_ns,
    )


def _peak(roofline: Roofline, precision: str, flops_per_s: float) -> Peak:
    limit = published_limit(roofline.device_name, precision)
    return Peak(
        precision=precision,
        flops_per_s=flops_per_s,
        published_flops_per_s=limit.flops_per_s if limit else None,
        published_source=limit.source if limit else None,
        published_fraction=flops_per_s / limit.flops_per_s if limit else None,
        ridge_flops_per_byte=ridge(roofline, precision),
    )


def _dram_limit(roofline: Roofline, hellos: Sequence[Hello]) -> float | None:
    facts: list[DeviceFacts] = [
        device for hello in hellos if hello.host == roofline.host for device in hello.fingerprint.devices
    ]
    return next((each.dram_limit_bytes_per_s for each in facts if each.name == roofline.device_name), None)
