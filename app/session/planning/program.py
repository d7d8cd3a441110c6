"""A plan that listens to a program of the user's: `benchtop exec -- COMMAND…`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from app.session.planning.plan import Plan, PlannedRun
from app.session.planning.repeats import in_rounds, rounds_of
from app.session.planning.request import RunRequest, check_limits, max_bytes_of
from app.session.roofs.roofline import Roofline
from workloads.exec.ends import NOT_EXECUTABLE, NOT_FOUND
from workloads.exec.naming import WORKLOAD, command_line, short_command

EXAMPLE = "benchtop exec -- python train.py"


class CannotRun(ValueError):
    """The command is not there, or may not be run."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        """The exit status that a shell gives for it."""


class Typed(NamedTuple):
    """What `benchtop exec` was asked to run, as typed."""

    command: tuple[str, ...] | None
    """What stood behind `--`; None: there was none."""
    stray: tuple[str, ...]
    """What stood before it and is no option."""


def make_program_plan(typed: Typed, request: RunRequest, created_ns: int, rooflines: tuple[Roofline, ...] = ()) -> Plan:
    """A checked plan. `request` names no workloads; `created_ns` is wall time.

    Raises ValueError, and CannotRun for a command that is not there.
    """
    command = _checked(typed)
    check_limits(request)
    _find(command)
    run = PlannedRun(
        run=0,
        workload=WORKLOAD,
        parameters={"command": command_line(command)},
        duration_s=request.duration_s,
        steps=request.steps,
        command=command,
        working_folder=str(Path.cwd()),
    )
    return Plan(
        name=request.name or short_command(command, 60),
        runs=in_rounds([run], rounds_of(request), 0),
        created_ns=created_ns,
        telemetry_hz=request.telemetry_hz,
        benchtop=metadata.version("benchtop"),
        rooflines=rooflines,
        idle_s=request.idle_s,
        max_bytes=max_bytes_of(request),
    )


def _checked(typed: Typed) -> tuple[str, ...]:
    """The command. Raises ValueError where there is none, or something else than options stands before it."""
    if typed.stray:
        said = short_command(typed.stray, 40)
        raise ValueError(f"exec: put -- between benchtop's options and the command: benchtop exec -- {said}")
    if not typed.command:
        raise ValueError(f"exec: name the command behind --, as in {EXAMPLE}")
    first = typed.command[0]
    if not first.strip():
        raise ValueError(f"exec: the command behind -- is empty; {EXAMPLE}")
    if first.startswith("-"):
        raise ValueError(f"exec: the command behind -- begins with {first}; options of benchtop stand before --")
    if any("\0" in word for word in typed.command):
        raise ValueError("exec: a word of the command has a zero byte in it, which no program can be given")
    return typed.command


def _find(command: Sequence[str]) -> None:
    """Raises CannotRun where a shell would."""
    name = command[0]
    if shutil.which(name) is not None:
        return
    place = Path(name)
    if os.sep not in name:
        raise CannotRun(f"{name}: command not found; check its spelling and PATH", NOT_FOUND)
    if not place.exists():
        raise CannotRun(f"{name} is not there; check the path", NOT_FOUND)
    if place.is_dir():
        raise CannotRun(f"{name} is a folder; name a program in it", NOT_EXECUTABLE)
    raise CannotRun(f"{name} may not be run; chmod +x it, or put its interpreter before it", NOT_EXECUTABLE)
