"""Knobs: which parameters of a run can be changed while it goes on, and why one cannot.

Standard library and msgspec only: who starts nothing may ask too.
"""

from __future__ import annotations

from collections.abc import Mapping

from workloads.entries.entry import WorkloadEntry
from workloads.entries.load import BELONGS, BURST, CLOSED, POISSON
from workloads.parameters import named_near
from workloads.wire.frames import Value


def turned(
    name: str, value: Value, entry: WorkloadEntry, parameters: Mapping[str, Value], *, device: str, ranks: int = 1
) -> Value:
    """The value of a knob, checked, for a run with such parameters. Raises ValueError, one line.

    `parameters` and `device` are those that the run has told (RunStarted).
    """
    if why := _why_none(name, entry, parameters, ranks):
        raise ValueError(why)
    parameter = next(parameter for parameter in entry.parameters if parameter.name == name)
    spelled = isinstance(value, str) and parameter.kind is not str
    checked = parameter.parse(str(value)) if spelled else parameter.check(value)
    if name == "precision" and checked == "tf32" and not device.startswith("cuda"):
        raise ValueError(f"precision=tf32 needs CUDA, and the run is on {device}")
    if name == "rate" and not checked:
        raise ValueError(f"rate={value} is not allowed: no request would ever be due")
    return checked


def knobs_of(entry: WorkloadEntry, parameters: Mapping[str, Value], ranks: int = 1) -> tuple[str, ...]:
    """The parameters that can be changed while such a run goes on."""
    return tuple(name for name in entry.knobs if not _why_none(name, entry, parameters, ranks))


def _why_none(name: str, entry: WorkloadEntry, parameters: Mapping[str, Value], ranks: int) -> str:
    """Why it cannot be changed while such a run goes on, whatever to, in one line; empty: it can."""
    if not entry.knobs:
        return f"{entry.name} has no knob that could be turned while it runs"
    if name not in entry.knobs:
        return named_near(name, entry.knobs, f"knob of {entry.name}")
    if ranks > 1 and entry.kind != "training":
        return f"knobs are for runs of one rank, and this one has {ranks}"
    load = parameters.get("load")
    # A load of a fixed shape, or with a fixed end, has no knobs.
    if load is not None and load not in BELONGS.get(name, {CLOSED, POISSON, BURST}):
        return f"{name} is no knob of a load of {load}"
    if name == "workers" and parameters.get("input") == "resident":
        return "workers is no knob of a run whose batch is resident: there is nothing to load"
    return ""
