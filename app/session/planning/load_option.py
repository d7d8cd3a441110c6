"""`--load KIND[:name=value,…]`: short for settings of every workload of the run that serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workloads.catalog import WorkloadEntry
from workloads.entries.load import BATCHING, KINDS, LOAD, TRACE
from workloads.parameters import named_near

NAMES: Final = ("concurrency", *(parameter.name for parameter in (*LOAD, *BATCHING)))


def load_settings(typed: str | None, entries: Sequence[WorkloadEntry]) -> tuple[str, ...]:
    """What was typed → `workload.name=value` for each that serves. Raises ValueError, one line."""
    if typed is None:
        return ()
    serving = [entry for entry in entries if entry.kind == "inference"]
    if not serving:
        raise ValueError(f"--load {typed}: it is for infer/*, and none of them is in this run")
    kind, pairs = _split(typed)
    if kind not in KINDS:
        raise ValueError(f"--load {typed}: {named_near(kind, KINDS, 'load')}")
    settings = [f"{entry.name}.load={kind}" for entry in serving]
    told: set[str] = set()
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"--load {typed}: write {pair} as name=value")
        if name not in NAMES:
            raise ValueError(f"--load {typed}: {named_near(name, NAMES, 'parameter of load')}")
        if name in told:
            raise ValueError(f"--load {typed}: {name} stands there twice; {name}=VALUE,VALUE sweeps")
        told.add(name)
        takers = [entry for entry in serving if entry.takes(name)]
        if not takers:
            raise ValueError(f"--load {typed}: {' and '.join(entry.name for entry in serving)} has no {name}")
        settings += [f"{entry.name}.{name}={value}" for entry in takers]
    return tuple(settings)


def _split(typed: str) -> tuple[str, list[str]]:
    """Kind and settings; `trace=FILE` is short for `trace:trace=FILE`. `rate=100,200` is a sweep."""
    kind, _, rest = (TRACE, ":", typed) if typed.startswith(f"{TRACE}=") else typed.partition(":")
    pairs: list[str] = []
    for part in rest.split(",") if rest else ():
        if pairs and "=" not in part:
            pairs[-1] += f",{part}"
        else:
            pairs.append(part)
    return kind, pairs
