"""What can be asked of a run while it goes on, as the catalogue says: values of knobs, and experiments.

Of a script that is only listened to nobody knows before it is asked.
"""

from __future__ import annotations

from app.session.view import RunView
from workloads.catalog import Parameter, WorkloadEntry, find_workload
from workloads.entries.experiments import why_not
from workloads.entries.knobs import knobs_of, turned
from workloads.wire.frames import Value


def knobs_of_run(run: RunView) -> tuple[Parameter, ...]:
    """The parameters of its workload that can be changed now."""
    entry, started = _entry(run), run.started
    if entry is None or started is None:
        return ()
    names = knobs_of(entry, started.parameters, started.ranks)
    return tuple(parameter for parameter in entry.parameters if parameter.name in names)


def value_now(run: RunView, parameter: Parameter) -> Value | None:
    """What it is set to; None while that is not known."""
    return None if run.started is None else run.started.parameters.get(parameter.name)


def knob_value(run: RunView, name: str, text: str) -> Value:
    """What a person typed → the value of a knob of this run. Raises ValueError, one line."""
    entry, started = _entry(run), run.started
    if entry is None or started is None:
        raise ValueError(f"{run.title or run.workload} has no knob {name}")
    parameter = next(parameter for parameter in entry.parameters if parameter.name == name)
    return turned(name, parameter.parse(text), entry, started.parameters, device=started.device, ranks=started.ranks)


def why_not_tried(run: RunView, experiment: str) -> str:
    """Why an experiment cannot be made on it, in a line; empty: it can, or nobody knows before it is tried."""
    entry, started = _entry(run), run.started
    if entry is None or started is None:
        return ""
    return why_not(experiment, entry, started.parameters, started.device, started.ranks)


def _entry(run: RunView) -> WorkloadEntry | None:
    try:
        return find_workload(run.workload)
    except ValueError:
        return None
