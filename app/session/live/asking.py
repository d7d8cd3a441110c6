"""What can be asked of a run while it goes on, as the catalogue says: values of knobs, and experiments.

Of a run that has not told yet what it is, and of a script that is only listened to, nobody knows before it is asked.
"""

from __future__ import annotations

from workloads.catalog import Parameter, WorkloadEntry, find_workload
from workloads.entries.experiments import SETTINGS, reason_not, reason_not_in_script, why_not
from workloads.entries.knobs import knobs_of, turned
from workloads.exec.naming import WORKLOAD as SCRIPT
from workloads.wire.frames import RunStarted, Value


def knobs_of_run(started: RunStarted | None) -> tuple[tuple[Parameter, Value | None], ...]:
    """The parameters of its workload that can be changed now, each with what it is set to; None: that is not known."""
    entry = _entry(started)
    if entry is None or started is None:
        return ()
    names = knobs_of(entry, started.parameters, started.ranks)
    return tuple((each, started.parameters.get(each.name)) for each in entry.parameters if each.name in names)


def knob_value(started: RunStarted | None, name: str, value: Value) -> Value:
    """The value of a knob, checked, or as it is where nobody knows. Raises ValueError, one line."""
    entry = _entry(started)
    if entry is None or started is None:
        return value
    return turned(name, value, entry, started.parameters, device=started.device, ranks=started.ranks)


def why_not_tried(started: RunStarted | None, experiment: str) -> str:
    """Why an experiment cannot be made on it, in a line; empty: it can, or nobody knows."""
    if started is not None and started.workload == SCRIPT and experiment in SETTINGS:
        reason = reason_not_in_script(experiment, started.device, started.ranks)
        return f"{experiment} {reason}" if reason else ""
    entry = _entry(started)
    if entry is None or started is None:
        return ""
    return why_not(experiment, entry, started.parameters, started.device, started.ranks)


def experiments_of_run(started: RunStarted | None) -> tuple[tuple[str, str], ...]:
    """Every experiment, and in a few words why it cannot be made on it; nothing where that is not known."""
    if started is None:
        return ()
    device, ranks = started.device, started.ranks
    if started.workload == SCRIPT:
        return tuple((name, reason_not_in_script(name, device, ranks)) for name in SETTINGS)
    entry = _entry(started)
    if entry is None:
        return ()
    return tuple((name, reason_not(name, entry, started.parameters, device, ranks)) for name in SETTINGS)


def _entry(started: RunStarted | None) -> WorkloadEntry | None:
    if started is None:
        return None
    try:
        return find_workload(started.workload)
    except ValueError:
        return None
