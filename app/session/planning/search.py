"""`benchtop search`: a plan whose last runs are tries of one workload, at rates that are decided while it goes on.

Before them stand the runs that it needs (training), and, where no rate is given to start from, one in a closed loop:
what it serves a second is about the most that can be served.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from app.session.planning.making import make_plan
from app.session.planning.plan import Plan, PlannedRun
from app.session.planning.request import RunRequest
from app.session.roofs.roofline import Roofline
from app.text.percent import fraction
from workloads.entries.load import BELONGS, CLOSED, POISSON
from workloads.wire.frames import Value

TRIES: Final = 16
"""Most tries, unless the user says otherwise: a few to double, six to bisect to 2 %, two or more to confirm."""
FEWEST, MOST = 2, 1_000
CLOSED_S: Final = 5.0
"""Of the run in a closed loop: it only says where to begin."""
RESOLUTION: Final = "2%"


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What `benchtop search` was asked for besides what a run is, as typed."""

    tries: int = TRIES
    rate_from: float | None = None
    """Requests a second of the first try."""
    resolution: str = RESOLUTION
    """How near the highest rate that meets the objective and the lowest that does not are to be."""


def make_search(
    request: RunRequest, search: SearchRequest, created_ns: int, rooflines: tuple[Roofline, ...] = ()
) -> Plan:
    """A checked plan. Raises ValueError of one line."""
    resolution = _checked(request, search)
    name = _searched(request)
    load = request.load or POISSON
    kind = load.partition(":")[0]
    if kind not in BELONGS["rate"]:
        raise ValueError(f"--load {load}: a search changes the rate, so the load is poisson or burst")
    names = {setting.partition("=")[0] for setting in request.settings}
    if names & {"load", f"{name}.load"}:
        raise ValueError("a search is of one load: give it as --load, poisson or burst")
    if any(part.startswith("rate=") for part in load.partition(":")[2].split(",")) or names & {
        "rate",
        f"{name}.rate",
    }:
        raise ValueError("a search decides the rate itself: leave it out, and give --rate-from where it is to begin")
    # A rate stands in for those that will be decided, so that all that is set is checked now.
    stand_in = (*request.settings, f"{name}.rate={search.rate_from or 1.0:g}")
    plan = make_plan(replace(request, load=load, settings=stand_in), created_ns, rooflines)
    *before, last = plan.runs
    if sum(run.workload == name for run in plan.runs) > 1:
        raise ValueError("a search is of one configuration: give each parameter one value")
    tried = replace(last, parameters={name: value for name, value in last.parameters.items() if name != "rate"})
    begin = () if search.rate_from is not None else (_closed(tried),)
    tries = (replace(tried, seed=(tried.seed + number) % 2**32) for number in range(search.tries))
    runs = (*before, *begin, *tries)
    return replace(
        plan,
        # Tries are no repeats of each other: their rates differ.
        runs=tuple(replace(run, run=number, variant=0, weights_of=0) for number, run in enumerate(runs, start=1)),
        search=True,
        search_from=search.rate_from,
        search_resolution=resolution,
    )


def _searched(request: RunRequest) -> str:
    """The workload whose rate is looked for."""
    serving = [name for name in request.workloads if name.startswith("infer/")]
    if len(serving) != 1 or request.workloads[-1] != serving[0]:
        raise ValueError("search takes one infer/* workload, the last of those named: `benchtop search infer/gpt`")
    return serving[0]


def _checked(request: RunRequest, search: SearchRequest) -> float:
    """The resolution as a fraction. Raises ValueError."""
    if request.slo is None:
        raise ValueError('search needs what is to be met: --slo "p99<50ms"')
    if not FEWEST <= search.tries <= MOST:
        raise ValueError(f"--tries {search.tries}: give {FEWEST} to {MOST:,}")
    if search.rate_from is not None and not 0 < search.rate_from <= 1e6:
        raise ValueError(f"--rate-from {search.rate_from:g}: give requests a second, more than 0 and at most a million")
    share = fraction(search.resolution)
    if share is None or not 0.001 <= share <= 0.5:
        raise ValueError(f"--resolution {search.resolution}: give 0.1% to 50%, such as 2%")
    return share


def _closed(run: PlannedRun) -> PlannedRun:
    """The same configuration in a closed loop."""
    kept: dict[str, Value] = {
        name: value for name, value in run.parameters.items() if CLOSED in BELONGS.get(name, {CLOSED})
    }
    length = run.duration_s if run.duration_s is None or run.duration_s < CLOSED_S else CLOSED_S
    return replace(
        run,
        parameters={**kept, "load": CLOSED},
        duration_s=CLOSED_S if length is None and run.steps is None else length,
    )
