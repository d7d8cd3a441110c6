"""What the roofline screen shows of a view: one device's roof, and the runs on it as points. Nothing is drawn here."""

from __future__ import annotations

from math import isfinite

import msgspec

from app.session.live.view import RunView, View
from app.session.roofs.roofline import Bound, Roofline, roof_at, roofline_for
from workloads.limits import published_limit
from workloads.wire.frames import RunStarted


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """One run as a point. Per device: a run on several of them is shown by one."""

    run: int
    workload: str
    precision: str
    devices: int
    intensity: float
    """FLOP a counted byte."""
    flops_per_s: float
    share: float | None = None
    """Of the measured roof above it, a fraction; None where the roof is not known there."""
    bound: Bound | None = None
    """The part of the roof that it lies under."""
    present: bool = False
    """Whether it is the run that goes on."""


class RooflineContent(msgspec.Struct, frozen=True, kw_only=True):
    """One device at one instant."""

    device_name: str = ""
    host: str = ""
    place: int = 0
    """Which of the session's devices it is, from 0."""
    devices: int = 0
    roofline: Roofline | None = None
    published: dict[str, float] = {}
    """Precision → the data sheet's dense peak, FLOP/s."""
    dram_limit_bytes_per_s: float | None = None
    spots: tuple[Spot, ...] = ()


def roofline_content(view: View, turn: int) -> RooflineContent:
    """The device of the present run, or the `turn`th after it."""
    devices = _devices(view)
    if not devices:
        return RooflineContent()
    present = _device(view.current) if view.current else None
    place = ((devices.index(present) if present in devices else 0) + turn) % len(devices)
    host, name = devices[place]
    roofline = roofline_for(view.rooflines, name, host)
    runs = [(run, run.started) for run in view.runs if run.started is not None and _device(run) == (host, name)]
    precisions = dict.fromkeys((*(roofline.flops_per_s if roofline else ()), *(begun.precision for _, begun in runs)))
    limits = {precision: limit.flops_per_s for precision in precisions if (limit := published_limit(name, precision))}
    facts = (gpu.facts for gpu in view.gpus if gpu.facts is not None and gpu.facts.name == name)
    spots = (_spot(run, begun, roofline, present=run.run == _going_on(view)) for run, begun in runs)
    return RooflineContent(
        device_name=name,
        host=host,
        place=place,
        devices=len(devices),
        roofline=roofline,
        published=limits,
        dram_limit_bytes_per_s=next((each.dram_limit_bytes_per_s for each in facts), None),
        spots=tuple(spot for spot in spots if spot is not None),
    )


def _devices(view: View) -> list[tuple[str, str]]:
    """Host and name of each device that runs were on; before the first, those that are known of this host."""
    used = [_device(run) for run in view.runs if run.started is not None]
    known = [(each.host, each.device_name) for each in view.rooflines if each.host == view.host]
    return list(dict.fromkeys(used or known))


def _device(run: RunView) -> tuple[str, str]:
    return run.host, run.started.device_name if run.started else ""


def _going_on(view: View) -> int | None:
    return view.current.run if view.current and view.current.state == "running" else None


def _spot(run: RunView, started: RunStarted, roofline: Roofline | None, *, present: bool) -> Spot | None:
    """None for a run without FLOPs or bytes, and for one whose bytes do not move through the device's memory."""
    flops, moved, rate = started.flops_per_unit, started.bytes_per_unit, run.samples_per_s
    if not flops or not moved or not rate or started.moves_over != "dram":
        return None
    intensity, flops_per_s = flops / moved, flops * rate / run.devices
    if not (0 < intensity < float("inf") and flops_per_s > 0 and isfinite(flops_per_s)):
        return None
    roof = roof_at(roofline, started.precision, intensity) if roofline else None
    return Spot(
        run=run.run,
        workload=run.workload,
        precision=started.precision,
        devices=run.devices,
        intensity=intensity,
        flops_per_s=flops_per_s,
        share=flops_per_s / roof[0] if roof else None,
        bound=roof[1] if roof else None,
        present=present,
    )
