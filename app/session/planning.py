"""From what a user typed to a plan: names, settings and limits are checked here, before anything starts.

Every refusal is a ValueError of one line that says what to do.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from app.session import bundle
from app.session.bundle import Member
from app.session.plan import MODULE_COMMAND, Plan, PlannedRun
from app.session.roofline import Roofline
from app.session.via import VIA_NODES, parse_nodes, parse_rendezvous, parse_via
from workloads.catalog import CATALOG, WorkloadEntry, find_workload, parse_settings
from workloads.parameters import named_near
from workloads.wire.frames import Value

QUIET_BEHIND_S = 30.0
"""A worker on another host is silent for as long as a slow line keeps its frames."""


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What `benchtop run` was asked for, as typed."""

    workloads: tuple[str, ...]
    """Names of the catalogue, or `probe` for all probes."""
    settings: tuple[str, ...] = ()
    """`name=value` for every workload that has the parameter, or `workload.name=value` for one."""
    name: str | None = None
    seed: int = 0
    duration_s: float | None = None
    steps: int | None = None
    warmup: int | None = None
    telemetry_hz: float = 4.0
    via: str | None = None
    """A command in front of worker and sampler, as typed."""
    via_python: str | None = None
    """The Python of benchtop behind it."""
    ranks: int = 1
    nodes: str | None = None
    """Hosts with a comma between them, as typed."""
    rendezvous: str | None = None
    """HOST:PORT at which their ranks find each other, as typed."""


MOST_RANKS = 1024
"""Workers that one run can have on a host."""


def make_plan(request: RunRequest, created_ns: int, rooflines: tuple[Roofline, ...] = ()) -> Plan:
    """A checked plan. `created_ns` is wall time, `rooflines` are those of earlier sessions. Raises ValueError."""
    if not request.workloads:
        raise ValueError("name at least one workload; `benchtop workloads` lists them")
    _check_limits(request)
    asked = [run for name in request.workloads for run in _asked(name, request.ranks)]
    settings = _settings_by_workload(request.settings, list(dict.fromkeys(run.entry for run in asked)))
    runs = tuple(
        replace(run, run=number)
        for number, run in enumerate(_distinct(_planned(run, request, settings) for run in asked), start=1)
    )
    _check_weights(runs)
    plan = Plan(
        name=request.name or " ".join(request.workloads),
        runs=runs,
        created_ns=created_ns,
        telemetry_hz=request.telemetry_hz,
        benchtop=metadata.version("benchtop"),
        rooflines=rooflines,
    )
    plan = _via(plan, request)
    for run in runs:
        _check_ranks(plan, run, find_workload(run.workload))
    return plan


def _via(plan: Plan, request: RunRequest) -> Plan:
    """The plan with its workers and samplers on other hosts, where that was asked for."""
    nodes = () if request.nodes is None else parse_nodes(request.nodes)
    if not nodes and request.rendezvous is not None:
        raise ValueError(f"--rendezvous {request.rendezvous}: it is for --nodes, which is not given")
    typed = request.via if request.via is not None else VIA_NODES if nodes else None
    if typed is None:
        if request.via_python is not None:
            raise ValueError(f"--via-python {request.via_python}: it is for --via or --nodes, none of which is given")
        return plan
    python = request.via_python if request.via_python is not None else sys.executable
    if not python.strip():
        raise ValueError("--via-python: give the path of a Python on the other host")
    module = (python, *MODULE_COMMAND[1:])
    return replace(
        plan,
        via=parse_via(typed, each_node=bool(nodes)),
        nodes=nodes,
        rendezvous=parse_rendezvous(request.rendezvous, nodes) if nodes else "",
        launcher=(*module, "workloads.ranks"),
        worker=(*module, "workloads.worker"),
        sampler=(*module, "app.telemetry"),
        quiet_s=QUIET_BEHIND_S,
    )


def _placed(entry: WorkloadEntry, parameters: dict[str, Value], *, here: bool) -> dict[str, Value]:
    """The parameters with every path made absolute: whoever opens it may stand elsewhere, and know no `~`.

    A path on another host stays as it is, for the worker there.
    """
    for parameter in entry.parameters:
        value = parameters.get(parameter.name)
        if parameter.required and not value:  # so far, what is required is a path
            raise ValueError(f"{entry.name} needs {parameter.name}: --set {parameter.name}=PATH, {parameter.meaning}")
        if here and parameter.file and value and value not in parameter.choices:
            parameters[parameter.name] = _absolute(parameter.name, Path(str(value)))
    return parameters


def _absolute(name: str, path: Path) -> str:
    try:
        placed = path.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"{name}={path}: there is no such user") from error
    if not placed.exists():
        raise ValueError(f"{name}={path} is not there: {placed}" if placed != path else f"{name}={path} is not there")
    return str(placed)


class _Asked(NamedTuple):
    """One run, before settings."""

    entry: WorkloadEntry
    member: Member | None = None
    """Of the bundle; None for a workload that was named itself."""


def _asked(name: str, ranks: int) -> list[_Asked]:
    """What a name stands for. Raises ValueError with the near misses."""
    if name == bundle.NAME:
        return [_Asked(find_workload(member.workload), member) for member in bundle.members(ranks)]
    if name not in (known := [entry.name for entry in CATALOG]):
        raise ValueError(named_near(name, (*known, bundle.NAME), "workload"))
    return [_Asked(find_workload(name))]


def _planned(asked: _Asked, request: RunRequest, settings: Mapping[str, Mapping[str, str]]) -> PlannedRun:
    """The run as planned, without its number."""
    entry, member = asked
    length = request.duration_s
    if member is not None and request.steps is None and length is None:
        length = bundle.DURATION_S
    return PlannedRun(
        run=0,
        workload=entry.name,
        parameters={
            **(member.parameters if member else {}),
            **_placed(
                entry,
                parse_settings(entry, settings[entry.name]),
                here=request.via is None and request.nodes is None,
            ),
        },
        seed=request.seed,
        duration_s=length,
        steps=request.steps,
        warmup=request.warmup,
        optional=member is not None,
        # The bundle's other probes are of one device, however many there are.
        ranks=request.ranks if member is None or _takes_ranks(entry) else 1,
    )


def _distinct(runs: Iterable[PlannedRun]) -> list[PlannedRun]:
    """Of the bundle's runs those that differ: `--set probe/matmul.precision=float16` leaves one of four."""
    planned: list[PlannedRun] = []
    for run in runs:
        if not run.optional or run not in planned:
            planned.append(run)
    return planned


def _check_limits(request: RunRequest) -> None:
    if request.duration_s is not None and not 0 < request.duration_s <= 7 * 86400:
        raise ValueError(f"--duration {request.duration_s:g}: give seconds, more than 0 and at most a week")
    if request.steps is not None and request.steps < 1:
        raise ValueError(f"--steps {request.steps}: give at least 1")
    if request.warmup is not None and request.warmup < 0:
        raise ValueError(f"--warmup {request.warmup}: give 0 or more steps")
    if not 0.1 <= request.telemetry_hz <= 50:
        raise ValueError(f"--telemetry-hz {request.telemetry_hz:g}: give 0.1 to 50 readings a second")
    if not 1 <= request.ranks <= MOST_RANKS:
        raise ValueError(f"--ranks {request.ranks}: give 1 to {MOST_RANKS}")
    if not 0 <= request.seed < 2**32:
        raise ValueError(f"--seed {request.seed}: give 0 to {2**32 - 1}")


def _settings_by_workload(settings: Sequence[str], entries: Sequence[WorkloadEntry]) -> dict[str, dict[str, str]]:
    """`name=value` texts, sorted to the workloads that they are for."""
    sorted_settings: dict[str, dict[str, str]] = {entry.name: {} for entry in entries}
    for setting in settings:
        target, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting}: write it as name=value")
        workload, _, name = target.rpartition(".")
        if workload and workload not in sorted_settings:
            raise ValueError(f"--set {setting}: {workload} is not in this run ({', '.join(sorted_settings)})")
        takers = [
            entry
            for entry in entries
            if entry.name == (workload or entry.name) and name in {parameter.name for parameter in entry.parameters}
        ]
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


def _takes_ranks(entry: WorkloadEntry) -> bool:
    """Whether several ranks can share its work."""
    return entry.kind == "training" or entry.name == "probe/allreduce"


def _check_ranks(plan: Plan, run: PlannedRun, entry: WorkloadEntry) -> None:
    """Several ranks need a workload that shares its work, and a device for each."""
    if run.ranks == 1 and not plan.nodes:
        if run.parameters.get("shard") == "fsdp":
            raise ValueError("shard=fsdp shares weights among several ranks: add --ranks N, or leave shard away")
        return
    asked = "--nodes" if plan.nodes else f"--ranks {run.ranks}"
    if not _takes_ranks(entry):
        raise ValueError(f"{asked}: {entry.name} runs on one rank; only train/* and probe/allreduce take several")
    device = str(run.parameters.get("device", ""))
    if ":" in device:
        raise ValueError(f"{asked}: device={device} is one GPU, and each rank takes its own: --set device=cuda")


def _check_weights(runs: Sequence[PlannedRun]) -> None:
    """A run that serves trained weights needs them: its own, or those of a training run before it."""
    trained: set[str] = set()
    for run in runs:
        side, _, model = run.workload.partition("/")
        if side == "train":
            trained.add(model)
        needed = find_workload(run.workload).needs_weights
        if needed and model not in trained and not run.parameters.get("weights"):
            raise ValueError(
                f"{run.workload} needs weights: put train/{model} before it in the same run, or --set weights=PATH"
            )
