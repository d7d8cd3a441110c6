"""What was typed after `--set`: sorted to the workloads that it is for, and paths taken from where the user stands."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from workloads.catalog import WorkloadEntry
from workloads.entries.load import TRACE, check_load
from workloads.trace import read_trace
from workloads.wire.frames import Value


def settings_by_workload(settings: Sequence[str], entries: Sequence[WorkloadEntry]) -> dict[str, dict[str, str]]:
    """`name=value` texts, sorted to the workloads that they are for. Raises ValueError."""
    sorted_settings: dict[str, dict[str, str]] = {entry.name: {} for entry in entries}
    for setting in settings:
        target, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting}: write it as name=value")
        workload, _, name = target.rpartition(".")
        if workload and workload not in sorted_settings:
            raise ValueError(f"--set {setting}: {workload} is not in this run ({', '.join(sorted_settings)})")
        takers = [entry for entry in entries if entry.name == (workload or entry.name) and entry.takes(name)]
        if not takers:
            raise ValueError(_no_such_parameter(setting, name, [e for e in entries if e.name == (workload or e.name)]))
        for entry in takers:
            sorted_settings[entry.name][name] = value
    return sorted_settings


def _no_such_parameter(setting: str, name: str, entries: Sequence[WorkloadEntry]) -> str:
    known = list(dict.fromkeys(parameter.name for entry in entries for parameter in entry.parameters))
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"near: {', '.join(near)}" if near else f"there are {', '.join(known)}"
    return f"--set {setting}: {' and '.join(entry.name for entry in entries)} has no parameter {name!r}; {hint}"


def placed(entry: WorkloadEntry, parameters: dict[str, Value], *, here: bool) -> dict[str, Value]:
    """The parameters with every path made absolute: whoever opens it may stand elsewhere, and know no `~`.

    A path on another host stays as it is, for the worker there. Raises ValueError for one that is not here.
    """
    for parameter in entry.parameters:
        value = parameters.get(parameter.name)
        if parameter.required and not value:  # so far, what is required is a path
            raise ValueError(f"{entry.name} needs {parameter.name}: --set {parameter.name}=PATH, {parameter.meaning}")
        if here and parameter.file and value and value not in parameter.choices:
            parameters[parameter.name] = _absolute(parameter.name, Path(str(value)))
    if entry.kind == "inference":
        check_load(parameters)
        if here and parameters.get(TRACE):
            read_trace(Path(str(parameters[TRACE])))  # what is no trace is said before anything is trained for it
    return parameters


def _absolute(name: str, path: Path) -> str:
    try:
        placed = path.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"{name}={path}: there is no such user") from error
    if not placed.exists():
        raise ValueError(f"{name}={path} is not there: {placed}" if placed != path else f"{name}={path} is not there")
    return str(placed)
