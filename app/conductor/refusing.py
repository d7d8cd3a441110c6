"""What is asked of a run that goes on and cannot be, as the catalogue says: told at once, and not in the run's log."""

from __future__ import annotations

from workloads.catalog import find_workload
from workloads.entries.experiments import why_not
from workloads.entries.knobs import turned
from workloads.wire.commands import AnyCommand, SetKnob, Try
from workloads.wire.frames import RunStarted


def why_refused(command: AnyCommand, started: RunStarted | None) -> str:
    """Why the run cannot do it, in a line; empty: it can, or only the run knows, as a script that is listened to."""
    if started is None:
        return ""
    try:
        entry = find_workload(started.workload)
    except ValueError:
        return ""
    match command:
        case Try() if command.experiment:
            return why_not(command.experiment, entry, started.parameters, started.device, started.ranks)
        case SetKnob():
            try:
                turned(
                    command.name,
                    command.value,
                    entry,
                    started.parameters,
                    device=started.device,
                    ranks=started.ranks,
                )
            except ValueError as error:
                return str(error)
    return ""
