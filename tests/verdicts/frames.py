"""Frames of a run with numbers that can be checked by hand, and what the engine makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

from app.session.planning.plan import Plan, PlannedRun
from app.verdicts.gathering.session import Gathering
from app.verdicts.window import Window
from tests.verdicts.windows import started
from workloads.wire.columns import pack_integers
from workloads.wire.frames import Gauges, Phase, PhaseName, Source, Steps

MS: Final = 1_000_000
S: Final = 1_000_000_000
PLAN: Final = Plan(name="why", runs=tuple(PlannedRun(run=run, workload="train/digits") for run in (1, 2)), created_ns=0)


def phase(name: PhaseName, at_s: float, *, case: str | None = None, rank: int = 0, run: int = 1) -> Phase:
    """A phase begins."""
    return Phase(run=run, rank=rank, at_ns=round(at_s * S), phase=name, case=case)


def steps(
    from_s: float, count: int, *, step_ms: float = 10.0, walls: Sequence[int] | None = None, rank: int = 0, **each: Any
) -> Steps:
    """Steps one behind the other, of 4 samples; `data_wait_ns=…` is of each of them."""
    walls = [round(step_ms * MS)] * count if walls is None else walls
    starts = list(accumulate(walls, initial=round(from_s * S)))[: len(walls)]
    columns: dict[str, Any] = {name: pack_integers([value] * len(walls)) for name, value in each.items()}
    return Steps(
        run=1,
        rank=rank,
        start_ns=pack_integers(starts),
        wall_ns=pack_integers(walls),
        samples=pack_integers([4] * len(walls)),
        **columns,
    )


def reading(at_s: float, device: str = "host", source: Source = "psutil", **readings: float) -> Gauges:
    """One reading of a device."""
    return Gauges(at_ns=round(at_s * S), device=device, source=source, readings=readings)


def gathered(*frames: Any, plan: Plan = PLAN) -> Gathering:
    """All of these, of a run that has begun at 0 s."""
    gathering = Gathering(plan)
    for frame in (started(), *frames):
        gathering.feed(frame)
    return gathering


def window_of(gathering: Gathering, at_s: float, *, whole: bool = False) -> Window:
    """Of the run that goes on."""
    run = gathering.going
    assert run is not None
    return gathering.window(run, round(at_s * S), whole=whole)
