"""Experiments: what can be tried on a run while it goes on, what each changes, and why one cannot be tried.

Standard library and msgspec only: who starts nothing may ask too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workloads.entries.entry import WorkloadEntry
from workloads.entries.load import MULTI, OFFLINE, SCHEDULES, SINGLE
from workloads.parameters import named_near
from workloads.wire.frames import Value

RESIDENT: Final = "resident-batch"
PINNED: Final = "pinned-copies"
DOUBLE: Final = "double-batch"
BFLOAT16: Final = "bfloat16"
TF32: Final = "tf32"
NO_SYNC: Final = "no-sync"
GRAPH: Final = "cuda-graph"

SETTINGS: Final[Mapping[str, str]] = {
    RESIDENT: "one resident batch again and again",
    PINNED: "batches in pinned memory, whose copies are queued",
    DOUBLE: "twice the batch",
    BFLOAT16: "arithmetic in bfloat16",
    TF32: "float32 rounded to tf32 in matrix products",
    NO_SYNC: "no reads that wait for the device",
    GRAPH: "the step as one CUDA graph",
}
"""Experiment → what is changed, in a line."""

PLAIN: Final = "plain"
"""The case of blocks with the setting of the run itself."""

_NEEDS_CUDA: Final = frozenset({PINNED, TF32, GRAPH})
_ON_FLOAT32: Final = frozenset({BFLOAT16, TF32})
_BY_SCHEDULE: Final = SCHEDULES | {OFFLINE}
_NOT_IN_SCRIPTS: Final[Mapping[str, str]] = {
    DOUBLE: "is not made in scripts: code that counts on its batch size would fail",
    GRAPH: "is not made in scripts: whether a step may be captured, only its author knows",
}
_ONE_RANK: Final = frozenset({DOUBLE, GRAPH})
"""Where one rank has no memory for it, or cannot record it, the others would wait for it in vain."""
_ONE_BY_ONE: Final = frozenset({SINGLE, MULTI})


def why_not(experiment: str, entry: WorkloadEntry, parameters: Mapping[str, Value], device: str, ranks: int = 1) -> str:
    """Why it cannot be tried on a run of this workload, in one line; empty: it can.

    `parameters` and `device` are those that the run has told (RunStarted).
    """
    if experiment not in SETTINGS:
        return named_near(experiment, SETTINGS, "experiment")
    if experiment not in entry.experiments:
        offers = ", ".join(entry.experiments) or "none"
        return f"{entry.name} has no experiment {experiment}; it offers: {offers}"
    reason = reason_not(experiment, entry, parameters, device, ranks)
    return f"{experiment} {reason}" if reason else ""


def reason_not(
    experiment: str, entry: WorkloadEntry, parameters: Mapping[str, Value], device: str, ranks: int = 1
) -> str:
    """The same of one that there is, in a few words without its name."""
    if experiment not in entry.experiments:
        return f"is no experiment of {entry.name}"
    if ranks > 1 and (experiment in _ONE_RANK or entry.kind != "training"):
        return f"is for runs of one rank, and this one has {ranks}"
    if experiment in _NEEDS_CUDA and not device.startswith("cuda"):
        return f"needs CUDA, and the run is on {device}"
    load = parameters.get("load")
    if load in _BY_SCHEDULE or (experiment == DOUBLE and load in _ONE_BY_ONE):
        return f"needs requests that come when answers do, load=closed, and the load is {load}"
    return _as_it_is(experiment, parameters)


def reason_not_in_script(experiment: str, device: str, ranks: int = 1) -> str:
    """Why it cannot be tried in a script that is only listened to, as far as is known from outside; empty: it may.

    `device` is what the script has told, empty before.
    """
    if experiment in _NOT_IN_SCRIPTS:
        return _NOT_IN_SCRIPTS[experiment]
    if ranks > 1:
        return f"is made in one process, and this script has {ranks} ranks"
    if experiment in _NEEDS_CUDA | {NO_SYNC} and device and not device.startswith("cuda"):
        return f"needs CUDA, and the model is on {device}"
    return ""


def offered(entry: WorkloadEntry, parameters: Mapping[str, Value], device: str, ranks: int = 1) -> tuple[str, ...]:
    """The experiments that can be tried on such a run."""
    return tuple(name for name in entry.experiments if not why_not(name, entry, parameters, device, ranks))


def _as_it_is(experiment: str, parameters: Mapping[str, Value]) -> str:
    """Why it would change nothing."""
    precision = parameters.get("precision")
    if experiment in _ON_FLOAT32 and precision != "float32" and (experiment, precision) != (BFLOAT16, "tf32"):
        return f"is for runs in float32, and this one computes in {precision}"
    if experiment == RESIDENT and parameters.get("input") == "resident":
        return "would change nothing: the batch is resident already"
    if experiment == PINNED and (parameters.get("pin") is True or parameters.get("input") == "resident"):
        return "would change nothing: copies come from pinned memory already, or there are none"
    if experiment == GRAPH and parameters.get("graphs") is True:
        return "would change nothing: the run replays CUDA graphs already"
    return ""
