"""A plan that listens to a program of the user's: `benchtop exec -- COMMAND…`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from app.session.plan import Plan, PlannedRun
from app.session.planning.repeats import in_rounds, rounds_of
from app.session.planning.request import RunRequest, check_limits
from app.session.roofline import Roofline
from workloads.exec.ends import NOT_EXECUTABLE, NOT_FOUND
from workloads.exec.naming import WORKLOAD, command_line, short_command

EXAMPLE = "benchtop exec -- python train.py"


class CannotRun(ValueError):
    """The command is not there, or may not be run."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        """The exit status that a shell gives for it."""


class ProgramRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What `benchtop exec` was asked for, as typed."""

    command: tuple[str, ...] | None
    """What stood behind `--`; None: there was none."""
    stray: tuple[str, ...] = ()
    """What stood before it and is no option."""
    name: str | None = None
    repeats: int | None = None
    duration_s: float | None = None
    steps: int | None = None
    telemetry_hz: float = 4.0
    idle_s: float | None = None


def make_program_plan(request: ProgramRequest, created_ns: int, rooflines: Sequence[Roofline] = ()) -> Plan:
    """A checked plan. `created_ns` is wall time. Raises ValueError, and CannotRun for a command that is not there."""
    command = _checked(request)
    limits = RunRequest(
        workloads=(),
        repeats=request.repeats,
        duration_s=request.duration_s,
        steps=request.steps,
        telemetry_hz=request.telemetry_hz,
        idle_s=request.idle_s,
    )
    check_limits(limits)
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
        runs=in_rounds([run], rounds_of(limits), 0),
        created_ns=created_ns,
        telemetry_hz=request.telemetry_hz,
        benchtop=metadata.version("benchtop"),
        rooflines=tuple(rooflines),
        idle_s=request.idle_s,
    )


def _checked(request: ProgramRequest) -> tuple[str, ...]:
    """The command. Raises ValueError where there is none, or something else than options stands before it."""
    if request.stray:
        said = short_command(request.stray, 40)
        raise ValueError(f"exec: put -- between benchtop's options and the command: benchtop exec -- {said}")
    if not request.command:
        raise ValueError(f"exec: name the command behind --, as in {EXAMPLE}")
    first = request.command[0]
    if not first.strip():
        raise ValueError(f"exec: the command behind -- is empty; {EXAMPLE}")
    if first.startswith("-"):
        raise ValueError(f"exec: the command behind -- begins with {first}; options of benchtop stand before --")
    if any("\0" in word for word in request.command):
        raise ValueError("exec: a word of the command has a zero byte in it, which no program can be given")
    return request.command


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
