"""The whole configuration of a session and the fingerprint of every kind of process: what it takes to run it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from app.analysis.reporting.blocks import Block, Facts, Section, Table
from app.session.planning.plan import Plan, PlannedRun
from app.session.store.manifest import Manifest
from app.text.numbers import bytes_text, counted
from app.text.values import typed
from workloads.wire.frames import DeviceFacts, Fingerprint, Hello, NetworkInterface

RUNS_SHOWN: Final = 200
APART: Final = frozenset({"packages", "devices", "absent", "environment", "interfaces"})
"""Fields of a fingerprint that are told by themselves."""


def configuration_section(manifest: Manifest) -> Section:
    """Plan, environment, devices."""
    plan = manifest.plan
    sections = [Section("Plan", [Facts(list(_plan(plan))), _runs(plan.runs)])]
    sections += _processes(manifest.hellos)
    sections += [_device(device) for device in manifest.devices]
    if manifest.absent:
        rows = [(device, gauge, why) for device, gauges in manifest.absent.items() for gauge, why in gauges.items()]
        head = ("device", "gauge", "why there was no reading")
        sections.append(Section("Not measured", [Table(head, rows, words=frozenset({0, 1, 2}))]))
    return Section("Configuration and fingerprint", [], sections, folded=True)


def _plan(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "name", plan.name
    yield "benchtop", plan.benchtop
    yield "objective", plan.slo
    yield "via", shlex.join(plan.via)
    yield "nodes", ", ".join(plan.nodes)
    yield "rendezvous", plan.rendezvous
    yield "readings a second", f"{plan.telemetry_hz:g}"
    yield "repeated until", f"±{100 * plan.until:g} %" if plan.until is not None else ""
    yield "search", f"to {100 * plan.search_resolution:g} %" if plan.search else ""


def _runs(runs: Sequence[PlannedRun]) -> Table:
    rows = []
    for run in runs[:RUNS_SHOWN]:
        length = [
            f"{run.duration_s:g} s" if run.duration_s is not None else "",
            counted(run.steps, "step") if run.steps is not None else "",
            f"warm-up {run.warmup}" if run.warmup is not None else "",
        ]
        settings = " ".join(f"{name}={typed(value)}" for name, value in run.parameters.items())
        rows.append(
            (
                f"{run.run}",
                run.workload,
                shlex.join(run.command) if run.command else settings,
                ", ".join(filter(None, length)),
                f"{run.repeat}",
                f"{run.seed}",
                f"{run.ranks}",
            )
        )
    left = len(runs) - len(rows)
    head = ("run", "workload", "set", "length", "repeat", "seed", "ranks")
    caption = f"and {left:,} runs more" if left else "What is not set is the workload's own; each run tells all of it."
    return Table(head, rows, words=frozenset({1, 2, 3}), caption=caption)


def _processes(hellos: Sequence[Hello]) -> Iterator[Section]:
    """One section for each kind of process and host: those of one kind are alike, the first stands for them."""
    seen: dict[tuple[str, str, str], Hello] = {}
    for hello in hellos:
        key = (hello.role, hello.host, repr(msgspec.structs.replace(hello.fingerprint, devices=())))
        seen.setdefault(key, hello)
    for hello in seen.values():
        of = f", run {hello.run}" if hello.role == "worker" else ""
        yield Section(f"Environment of the {hello.role}{of} on {hello.host}", list(_fingerprint(hello.fingerprint)))


def _fingerprint(found: Fingerprint) -> Iterator[Block]:
    yield Facts([(name, _text(name, getattr(found, name))) for name in found.__struct_fields__ if name not in APART])
    if found.packages:
        yield Facts([("packages", ", ".join(f"{name} {version}" for name, version in sorted(found.packages.items())))])
    if found.environment:
        yield Facts([(name, value) for name, value in sorted(found.environment.items())])
    if found.interfaces:
        yield Facts([("interface", _interface(each)) for each in found.interfaces])
    if found.absent:
        yield Facts([(f"no {name}", why) for name, why in found.absent.items()])


def _interface(found: NetworkInterface) -> str:
    speed = found.speed_bits_per_s
    return found.name if speed is None else f"{found.name}, {speed / 1e9:g} Gbit/s"


def _device(device: DeviceFacts) -> Section:
    rows = [(name, _text(name, getattr(device, name))) for name in device.__struct_fields__ if name != "absent"]
    blocks: list[Block] = [Facts(rows)]
    if device.absent:
        blocks.append(Facts([(f"no {name}", why) for name, why in device.absent.items()]))
    return Section(f"Device {device.device}", blocks)


def _text(name: str, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float() if name.endswith("_bytes"):
            return bytes_text(value)
        case float():
            return f"{value:,g}"
        case _:
            return f"{value}"
