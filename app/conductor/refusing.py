"""What is asked of a run that goes on and cannot be, as the catalogue says: told at once, and not in the run's log."""

from __future__ import annotations

from app.session.live.asking import knob_value, why_not_tried
from workloads.wire.commands import AnyCommand, SetKnob, Try
from workloads.wire.frames import RunStarted


def why_refused(command: AnyCommand, started: RunStarted | None) -> str:
    """Why the run cannot do it, in a line; empty: it can, or only the run knows, as a script that is listened to."""
    match command:
        case Try() if command.experiment:
            return why_not_tried(started, command.experiment)
        case SetKnob():
            try:
                knob_value(started, command.name, command.value)
            except ValueError as error:
                return str(error)
    return ""
