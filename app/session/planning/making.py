"""A checked plan: what each name stands for, its settings, and the runs that come of it.

Every refusal is a ValueError of one line that says what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from typing import NamedTuple

from app.session.planning import bundle
from app.session.planning.bundle import Member
from app.session.planning.checks import check_ranks, check_weights, takes_ranks
from app.session.planning.elsewhere import elsewhere
from app.session.planning.load_option import load_settings
from app.session.planning.objective import objective
from app.session.planning.plan import Plan, PlannedRun
from app.session.planning.repeats import in_rounds, rounds_of, until_of
from app.session.planning.request import RunRequest, check_limits, max_bytes_of
from app.session.planning.settings import placed, settings_by_workload
from app.session.planning.sweeps import combinations
from app.session.roofs.roofline import Roofline
from workloads.catalog import CATALOG, WorkloadEntry, find_workload
from workloads.parameters import named_near


def make_plan(request: RunRequest, created_ns: int, rooflines: tuple[Roofline, ...] = ()) -> Plan:
    """A checked plan. `created_ns` is wall time, `rooflines` are those of earlier sessions. Raises ValueError."""
    if not request.workloads:
        raise ValueError("name at least one workload; `benchtop workloads` lists them")
    check_limits(request)
    asked = [run for name in request.workloads for run in _asked(name, request.ranks)]
    entries = list(dict.fromkeys(run.entry for run in asked))
    settings = settings_by_workload((*load_settings(request.load, entries), *request.settings), entries)
    round_ = _distinct(planned for run in asked for planned in _planned(run, request, settings))
    check_weights(round_)
    runs = in_rounds(round_, rounds_of(request), request.seed)
    plan = Plan(
        name=request.name or " ".join(request.workloads),
        runs=runs,
        created_ns=created_ns,
        telemetry_hz=request.telemetry_hz,
        benchtop=metadata.version("benchtop"),
        rooflines=rooflines,
        until=until_of(request),
        slo=objective(request.slo, entries),
        idle_s=request.idle_s,
        max_bytes=max_bytes_of(request),
    )
    plan = elsewhere(plan, request)
    for run in runs:
        check_ranks(plan, run, find_workload(run.workload))
    return plan


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


def _planned(asked: _Asked, request: RunRequest, settings: Mapping[str, Mapping[str, str]]) -> Iterator[PlannedRun]:
    """The run as planned, without its number; of a sweep, one for each combination of its values."""
    entry, member = asked
    length = request.duration_s
    if member is not None and request.steps is None and length is None:
        length = bundle.DURATION_S
    here = request.via is None and request.nodes is None
    for parameters in combinations(entry, settings[entry.name]):
        yield PlannedRun(
            run=0,
            workload=entry.name,
            parameters={**(member.parameters if member else {}), **placed(entry, parameters, here=here)},
            seed=request.seed,
            duration_s=length,
            steps=request.steps,
            warmup=request.warmup,
            optional=member is not None,
            # The bundle's other probes are of one device, however many there are.
            ranks=request.ranks if member is None or takes_ranks(entry) else 1,
        )


def _distinct(runs: Iterable[PlannedRun]) -> list[PlannedRun]:
    """Of the bundle's runs those that differ: `--set probe/matmul.precision=float16` leaves one of four."""
    planned: list[PlannedRun] = []
    for run in runs:
        if not run.optional or run not in planned:
            planned.append(run)
    return planned
