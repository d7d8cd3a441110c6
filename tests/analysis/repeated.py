"""Sessions with repeats whose rates are given, in the journal of a session that may go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from app.session.planning.plan import Plan, PlannedRun
from app.session.store.folder import SessionFolder, create_session
from tests.analysis.journals import write_journal
from tests.session.frames import MS, SECOND, hello, measuring, started, steps
from workloads.wire.frames import AnyFrame, Done

STEPS = 10


def plan_of(rounds: int, *, variants: int = 2, until: float | None = None, optional: bool = False) -> Plan:
    """Variant 1 and 2 by turns, of one workload with another batch each."""
    runs = [
        PlannedRun(
            run=round_ * variants + variant,
            workload="train/digits",
            parameters={"batch": 4 * variant},
            repeat=round_ + 1,
            variant=variant,
            optional=optional,
        )
        for round_ in range(rounds)
        for variant in range(1, variants + 1)
    ]
    return Plan(name="repeated", runs=tuple(runs), created_ns=0, until=until)


def repeated(
    home: Path, plan: Plan, rates: Mapping[int, Sequence[float | None]], *, ended: bool = False
) -> SessionFolder:
    """Variant → what each repeat of it reached, samples a second; None: it did not fit. `ended`: the session too."""
    folder = create_session(home, plan)
    frames: list[AnyFrame] = [hello()]
    for planned in plan.runs:
        reached = rates[planned.variant][planned.repeat - 1 : planned.repeat]
        if reached:
            frames += run_frames(planned, reached[0])
    if ended:
        frames.append(Done(at_ns=10_000 * SECOND))
    write_journal(folder, frames)
    return folder


def run_frames(planned: PlannedRun, rate: float | None) -> list[AnyFrame]:
    """One run, which begins a hundred seconds after the one before."""
    number, at_ns = planned.run, 100 * SECOND * planned.run
    if rate is None:
        return [Done(run=number, at_ns=at_ns, outcome="skipped", reason="it needs CUDA")]
    per_step = round(SECOND / rate)
    return [
        hello("worker", run=number, at_ns=at_ns),
        replace(started(number, at_ns), parameters=planned.parameters, repeat=planned.repeat),
        measuring(number, at_ns + MS),
        steps(at_ns + MS, STEPS, each_ns=per_step, samples=1, run=number),
        Done(run=number, at_ns=at_ns + MS + STEPS * per_step),
    ]
