"""What can be changed of a run while it goes on, as the catalogue says."""

from __future__ import annotations

from app.session.view import RunView
from workloads.catalog import Parameter, WorkloadEntry, find_workload
from workloads.wire.frames import Value


def knobs_of_run(run: RunView) -> tuple[Parameter, ...]:
    """The parameters of its workload that can be changed now; none of a script that is only listened to."""
    entry = _entry(run)
    if entry is None or run.started is None or run.started.ranks > 1:
        return ()
    names: tuple[str, ...] = getattr(entry, "knobs", ())
    return tuple(parameter for parameter in entry.parameters if parameter.name in names)


def value_now(run: RunView, parameter: Parameter) -> Value | None:
    """What it is set to; None while that is not known."""
    return None if run.started is None else run.started.parameters.get(parameter.name)


def _entry(run: RunView) -> WorkloadEntry | None:
    try:
        return find_workload(run.workload)
    except ValueError:
        return None
