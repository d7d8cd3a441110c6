"""Advice about NVIDIA devices, from facts alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.doctor.diagnosis import Advice, Facts, Gpu
from app.text.numbers import bytes_text
from workloads.wire.clock_events import clock_events
from workloads.wire.gauges import GAUGES

HIDDEN_BYTES: Final = 2 * 2**30
"""Memory in use beyond this was taken by somebody: a driver's own reserve on a large device is 0.6 GiB."""


def check_gpus(facts: Facts) -> Iterator[Advice]:
    """Every device, or why there is none."""
    absent = facts.fingerprint.absent
    if reason := absent.get("nvml"):
        yield Advice("warning", f"no GPU readings: {reason}", "with a GPU in the machine, install its driver")
    for name in sorted(absent):
        if name.startswith("gpu"):
            yield Advice("problem", f"{name} cannot be opened: {absent[name]}", "`nvidia-smi` and `dmesg` say more")
    for gpu in facts.gpus:
        disturbances = [*_counters(gpu), *_others(gpu), *_clocks(gpu)]
        yield from disturbances or [Advice("ok", f"{gpu.facts.device} {gpu.facts.name} is free and gives all counters")]


def _counters(gpu: Gpu) -> Iterator[Advice]:
    device = gpu.facts.device
    if not gpu.facts.gpm:
        yield Advice(
            "warning",
            f"{device} gives no SM, tensor and DRAM activity: {gpu.facts.absent.get('gpm', 'it does not say why')}",
            "runs work; the screen shows what workloads count themselves in their place",
        )
    refused: dict[str, list[str]] = {}
    for name, reason in gpu.absent.items():
        label = GAUGES[name].label if name in GAUGES else name
        labels = refused.setdefault(reason, [])
        if label not in labels:
            labels.append(label)
    for reason, labels in refused.items():
        yield Advice(
            "warning", f"{device} does not give {', '.join(labels)}: {reason}", "these stay blank on the screen"
        )


def _others(gpu: Gpu) -> Iterator[Advice]:
    device, used = gpu.facts.device, gpu.readings.get("memory_used_bytes", 0.0)
    if gpu.processes:
        known = sum(process.memory_bytes or 0 for process in gpu.processes)
        holds = bytes_text(known) if known else "memory"
        many = len(gpu.processes)
        pids = ", ".join(str(process.pid) for process in gpu.processes[:8])
        yield Advice(
            "warning",
            f"{many} other process{'es hold' if many > 1 else ' holds'} {holds} on {device} (pid {pids})",
            "end them, or choose another device with CUDA_VISIBLE_DEVICES",
        )
    elif used > HIDDEN_BYTES:
        yield Advice(
            "warning",
            f"{bytes_text(used)} are taken on {device} by processes that cannot be seen from here",
            "look from outside the container with `nvidia-smi`",
        )


def _clocks(gpu: Gpu) -> Iterator[Advice]:
    # At rest a device may be idle or capped for reasons that pass; only what will last through a run is told.
    lasting = {
        "ApplicationsClocksSetting",
        "HwSlowdown",
        "SwThermalSlowdown",
        "HwThermalSlowdown",
        "HwPowerBrakeSlowdown",
    }
    held = [
        event.label for event in clock_events(int(gpu.readings.get("clock_event_reasons", 0))) if event.name in lasting
    ]
    if held:
        yield Advice(
            "warning",
            f"{gpu.facts.device} is held back already: {', '.join(held)}",
            "cool it, check its power cables, or give the clocks free with `nvidia-smi -rgc`",
        )
