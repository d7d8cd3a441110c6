"""The catalogue: every workload's name, what it does, and what can be set; `entries` has a table for each kind.

Standard library and msgspec only, since processes that must start at once read it. It never imports
a workload: `module` says where one is, and only a worker goes there.
"""

from __future__ import annotations

from collections.abc import Mapping

from workloads.entries.entry import WorkloadEntry
from workloads.entries.inference import INFERENCE
from workloads.entries.probes import PROBES
from workloads.entries.training import TRAINING
from workloads.parameters import ByDevice, DeviceKind, Parameter, named_near
from workloads.wire.frames import Value

__all__ = [
    "CATALOG",
    "ByDevice",
    "DeviceKind",
    "Parameter",
    "WorkloadEntry",
    "complete",
    "find_workload",
    "parse_settings",
    "parse_sweeps",
]

CATALOG: tuple[WorkloadEntry, ...] = (*TRAINING, *INFERENCE, *PROBES)


def find_workload(name: str) -> WorkloadEntry:
    """The workload of that name. Raises ValueError, one line with the near misses."""
    for entry in CATALOG:
        if entry.name == name:
            return entry
    raise ValueError(named_near(name, (entry.name for entry in CATALOG), "workload"))


def parse_settings(entry: WorkloadEntry, settings: Mapping[str, str]) -> dict[str, Value]:
    """What a user typed, typed and checked. Raises ValueError with near misses, range or choices."""
    return {name: _parameter(entry, name).parse(text) for name, text in settings.items()}


def parse_sweeps(entry: WorkloadEntry, settings: Mapping[str, str]) -> dict[str, tuple[Value, ...]]:
    """As `parse_settings`, with every value of each sweep. Raises ValueError."""
    return {name: _parameter(entry, name).parse_several(text) for name, text in settings.items()}


def complete(entry: WorkloadEntry, given: Mapping[str, Value], device_kind: DeviceKind) -> dict[str, Value]:
    """Every parameter of the workload: what was given, checked, and the device's defaults. Raises ValueError."""
    checked = {name: _parameter(entry, name).check(value) for name, value in given.items()}
    return {p.name: checked.get(p.name, p.default_for(device_kind)) for p in entry.parameters}


def _parameter(entry: WorkloadEntry, name: str) -> Parameter:
    for parameter in entry.parameters:
        if parameter.name == name:
            return parameter
    raise ValueError(named_near(name, (p.name for p in entry.parameters), f"parameter of {entry.name} named"))
