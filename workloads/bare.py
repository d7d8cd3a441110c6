"""What a bare loop is told: every parameter of its workload as a flag, checked as benchtop checks it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from workloads.catalog import DeviceKind, complete, find_workload, parse_settings
from workloads.device import choose_device
from workloads.wire.frames import Value


@dataclass(frozen=True)
class Told:
    """How to run."""

    device: torch.device
    parameters: dict[str, Value]
    """Every parameter of the workload."""
    steps: int
    warmup: int
    """Steps before measuring."""
    seed: int


def told(workload: str, arguments: Sequence[str] | None, *, steps: int, warmup: dict[str, int]) -> Told:
    """Read the flags; `steps` and `warmup` (by kind of device) are their defaults. Raises NoCuda."""
    entry = find_workload(workload)
    names = [parameter.name for parameter in entry.parameters]
    parser = argparse.ArgumentParser(description=f"{workload} without benchtop")
    for name in names:
        parser.add_argument(f"--{name}")
    for own in ("steps", "warmup", "seed"):
        if own not in names:
            parser.add_argument(f"--{own}", type=int)
    flags = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    try:
        given = parse_settings(entry, {name: text for name, text in flags.items() if name in names})
    except ValueError as error:
        parser.error(str(error))
    device, _ = choose_device(str(given.get("device", "auto")))
    kind: DeviceKind = "cpu"
    if device.type == "cuda":
        kind = "cuda"
        torch.cuda.set_device(device)
    parameters = complete(entry, given, kind)
    if threads := int(parameters["threads"]):
        torch.set_num_threads(threads)
    return Told(
        device,
        parameters,
        steps=int(flags.get("steps", parameters.get("steps", steps))),
        warmup=int(flags.get("warmup", warmup[kind])),
        seed=int(flags.get("seed", 0)),
    )


def wait_for(device: torch.device) -> None:
    """Until the device has done all that was queued."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
