"""What the tries of a search say: of each whether it met the objective, and of all the highest rate that does.

A try meets it when every clause is met, the queue did not run away, and the load was the one that was asked for: the
latency of a run whose generator was late is that of another load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.analysis.judging.search_policy import Found, Next, next_step
from app.analysis.summary.goodput_text import clause_text
from app.analysis.summary.report import RunSummary
from app.session.planning.plan import Plan
from app.session.results.bracket import Try, bracket
from app.session.results.search import LIMITED, SearchResult, SearchTry, is_try
from app.text.numbers import significant

SPOILS: Final = ("saturated", LIMITED)
"""Cautions with which a run met nothing."""
BEGIN_AT: Final = 0.5
"""Part of what a closed loop serves, for the first try: most objectives are met there, and few far above it."""


def search_result(plan: Plan, runs: Sequence[RunSummary]) -> SearchResult | None:
    """Of the tries that were done; None of a session that is no search, or before the first."""
    tries = search_tries(plan, runs)
    if not tries:
        return None
    step = _step(plan, runs, tries)
    meets, fails = bracket(_asked(tries))
    return SearchResult(
        slo=plan.slo,
        rate=meets,
        fails_at=fails,
        settled=isinstance(step, Found) and step.settled,
        tries=tries,
    )


def search_tries(plan: Plan, runs: Sequence[RunSummary]) -> tuple[SearchTry, ...]:
    """Those that were done, in order."""
    planned = {run.run for run in plan.runs if is_try(plan, run)}
    return tuple(_tried(run) for run in runs if run.run in planned and run.outcome == "done" and run.started)


def next_rate(plan: Plan, runs: Sequence[RunSummary]) -> Next | Found | None:
    """What to do next. None: there is no rate to begin at, since the run in a closed loop served nothing."""
    return _step(plan, runs, search_tries(plan, runs))


def _step(plan: Plan, runs: Sequence[RunSummary], tries: Sequence[SearchTry]) -> Next | Found | None:
    first = plan.search_from or _served(plan, runs)
    if first is None:
        return None
    most = sum(is_try(plan, run) for run in plan.runs)
    return next_step(_asked(tries), first=first, most=most, resolution=plan.search_resolution)


def _asked(tries: Sequence[SearchTry]) -> list[Try]:
    return [Try(tried.rate, tried.met) for tried in tries]


def _served(plan: Plan, runs: Sequence[RunSummary]) -> float | None:
    """Where to begin: half of what the run before the tries served, requests a second."""
    first = next(run.run for run in plan.runs if is_try(plan, run))
    before = next((run for run in runs if run.run == first - 1), None)
    if before is None or before.times is None or not before.measured_s:
        return None
    return BEGIN_AT * before.times.count / before.measured_s


def _tried(run: RunSummary) -> SearchTry:
    assert run.started is not None
    good = run.goodput
    spoiled = any(caution.kind in SPOILS for caution in run.cautions)
    met = good is not None and good.met is True and not spoiled
    return SearchTry(
        run=run.run,
        rate=float(run.started.parameters["rate"]),
        met=met,
        why=_why(run),
        good_per_s=good.per_s if good is not None else None,
    )


def _why(run: RunSummary) -> str:
    """What speaks against it, else what was measured."""
    if run.saturation is not None:
        return f"saturated: {significant(run.saturation.served_per_s)} requests/s were served"
    limited = next((caution for caution in run.cautions if caution.kind == LIMITED), None)
    if limited is not None:
        return LIMITED
    if run.goodput is None:
        return "no request was measured"
    return ", ".join(f"{clause.text} {clause_text(clause)}" for clause in run.goodput.clauses)
