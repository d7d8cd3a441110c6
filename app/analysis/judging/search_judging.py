"""`benchtop search`: the rate of the next try, and what is said of the one before it."""

from __future__ import annotations

from app.analysis.judging.policy import Decision, Situation
from app.analysis.judging.search_policy import Next
from app.analysis.judging.searched import next_rate, search_result
from app.session.results.search import MEETS, MISSES, RESULT, SearchResult, SearchTry, is_try
from workloads.wire.frames import Finding


def search(situation: Situation) -> Decision:
    """Set the next try's rate; skip all that are left once the highest rate is known.

    And once a try failed: it says nothing of its rate, which would be decided on again, and fail again.
    """
    plan, planned = situation.plan, situation.next
    if not plan.search:
        return Decision()
    result = search_result(plan, situation.over)
    if planned is None:
        return Decision(findings=() if result is None else _end(result, plan.runs[-1].run))
    if not is_try(plan, planned):
        return Decision()
    ended = {run.run: run.outcome for run in situation.over}
    failed = any(is_try(plan, each) and ended.get(each.run) == "failed" for each in plan.runs)
    step = next_rate(plan, situation.over)
    if failed or step is None:
        nothing = "the run in a closed loop before it served nothing: give --rate-from"
        return Decision(skip="a try before it failed" if failed else nothing, rest=True)
    last = result.tries[-1] if result is not None else None
    said = (_said(last),) if last is not None and last.run == planned.run - 1 else ()
    if isinstance(step, Next):
        return Decision(parameters={"rate": step.rate}, findings=said)
    return Decision(skip="the search has ended", rest=True, findings=said)


def _end(result: SearchResult, last_planned: int) -> tuple[Finding, ...]:
    """The result; before it the last try, where no other came after it before which that could be said."""
    last = result.tries[-1]
    said = (_said(last),) if last.run == last_planned else ()
    return (*said, Finding(at_ns=0, kind=RESULT, message=result.text))


def _said(tried: SearchTry) -> Finding:
    return Finding(
        run=tried.run,
        at_ns=0,
        kind=MEETS if tried.met else MISSES,
        message=f"{tried.text}: {tried.why}",
    )
