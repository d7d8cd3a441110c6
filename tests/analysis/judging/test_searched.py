"""A search as the judge carries it out, try by try, and what the session says of it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.judging.judge import judge
from app.analysis.judging.search_policy import Next
from app.analysis.judging.searched import next_rate, search_result
from app.analysis.load import load
from app.analysis.summary.goodput import Goodput
from app.analysis.summary.making import summarise
from app.analysis.summary.report import RunSummary, Times
from app.analysis.summary.text import summary_text
from app.analysis.summary.times import times_of
from app.session.planning import RunRequest
from app.session.planning.plan import Plan
from app.session.planning.search import SearchRequest, make_search
from app.session.results.judgement import Judgement
from app.session.store.folder import SessionFolder, create_session
from app.session.store.lock import hold_lock
from tests.analysis.journals import write_journal
from tests.analysis.requests import asked
from tests.session.frames import MS, SECOND, hello, measuring, requests, started
from workloads.wire.columns import pack_integers
from workloads.wire.frames import AnyFrame, Done, Value

FAST, SLOW = 20 * MS, 80 * MS


def searching(home: Path, **options: object) -> tuple[Plan, SessionFolder]:
    """A session that looks for the highest rate with p50 below 50 ms."""
    request = RunRequest(workloads=("infer/gpt",), slo="p50<50ms")
    plan = make_search(request, SearchRequest(**options), created_ns=0)  # type: ignore[arg-type]
    folder = create_session(home, plan)
    write_journal(folder, [hello()])
    return plan, folder


def serve(folder: SessionFolder, plan: Plan, run: int, given: dict[str, Value], latency_ns: int) -> None:
    """The run is made: a hundred requests in a second, each so slow."""
    at_ns = 10 * SECOND * run
    planned = plan.runs[run - 1]
    answered = requests([at_ns + 10 * MS * place for place in range(1, 101)], latency_ns, run)
    frames: list[AnyFrame] = [
        replace(started(run, at_ns), parameters={**planned.parameters, **given}, workload="infer/gpt"),
        measuring(run, at_ns),
        replace(answered, started_ns=pack_integers([at_ns + 10 * MS * place for place in range(100)])),
        Done(run=run, at_ns=at_ns + SECOND),
    ]
    write_journal(folder, frames)


def judged(folder: SessionFolder, run: int) -> Judgement:
    """As a conductor has it judged, which holds the session."""
    with hold_lock(folder):
        return judge(folder, run)


def carried_out(folder: SessionFolder, plan: Plan, border: float) -> list[float]:
    """All of it, with a workload that is fast enough below that rate → the rates that were tried."""
    rates = []
    for planned in plan.runs:
        judgement = judged(folder, planned.run)
        if judgement.skip is not None:
            break
        rate = judgement.parameters.get("rate")
        rates += [] if rate is None else [float(rate)]
        serve(folder, plan, planned.run, judgement.parameters, FAST if (rates or [0])[-1] < border else SLOW)
    return rates


def test_a_search_begins_at_half_of_what_a_closed_loop_serves_and_bisects_to_the_border() -> None:
    request = RunRequest(workloads=("infer/gpt",), slo="p50<50ms")
    plan = make_search(request, SearchRequest(resolution="10%"), created_ns=0)
    runs = [RunSummary(run=1, workload="infer/gpt", outcome="done", measured_s=1.0, times=hundred())]
    while isinstance(step := next_rate(plan, runs), Next):
        run = len(runs) + 1
        begun = replace(started(run), parameters={**plan.runs[run - 1].parameters, "rate": step.rate})
        good = Goodput(slo="", met=step.rate < 130.0, sent=1, good=1, share=1.0, per_s=1.0, clauses=())
        runs.append(RunSummary(run=run, workload="infer/gpt", outcome="done", started=begun, goodput=good))
    result = search_result(plan, runs)
    assert result is not None
    assert [tried.rate for tried in result.tries[:4]] == [50.0, 100.0, 200.0, 141.4]
    assert result.settled
    assert result.rate is not None
    assert result.fails_at is not None
    assert result.rate < 130.0 <= result.fails_at <= 1.1 * result.rate


def hundred() -> Times:
    """A hundred requests."""
    found = times_of("latency", asked([1.0] * 100), pl.col("done_ns") - pl.col("scheduled_ns"))
    assert found is not None
    return found


def test_each_try_is_said_once_with_what_was_measured(tmp_path: Path) -> None:
    plan, folder = searching(tmp_path, rate_from=100.0)
    assert judged(folder, 1).findings == ()
    serve(folder, plan, 1, {"rate": 100.0}, SLOW)
    (finding,) = judged(folder, 2).findings
    assert (finding.run, finding.kind) == (1, "search-misses")
    assert finding.message == "100 requests/s does not: p50<50ms not met: 80.0 ms"


def test_of_the_last_try_that_there_may_be_the_end_says_what_became_of_it(tmp_path: Path) -> None:
    plan, folder = searching(tmp_path, rate_from=100.0, tries=2)
    for run, rate in ((1, 100.0), (2, 200.0)):
        serve(folder, plan, run, {"rate": rate}, FAST)
    assert [finding.kind for finding in judged(folder, 0).findings] == ["search-meets", "search-result"]


def test_a_try_that_failed_ends_the_search(tmp_path: Path) -> None:
    plan, folder = searching(tmp_path, rate_from=100.0)
    serve(folder, plan, 1, {"rate": 100.0}, FAST)
    begun = replace(started(2, 20 * SECOND), parameters={**plan.runs[1].parameters, "rate": 200.0})
    write_journal(folder, [begun, Done(run=2, at_ns=21 * SECOND, outcome="failed")])
    judgement = judged(folder, 3)
    assert (judgement.skip, judgement.rest) == ("a try before it failed", True)
    (result,) = judged(folder, 0).findings
    assert "highest rate that meets p50<50ms: 100 requests/s" in result.message
    assert "not settled" in result.message


def test_a_queue_that_runs_away_meets_nothing_though_its_median_does(tmp_path: Path) -> None:
    plan, folder = searching(tmp_path, rate_from=100.0)
    serve(folder, plan, 1, {"rate": 100.0}, FAST)
    growing: Sequence[int] = [20 * SECOND + 10 * MS * place + place**3 * MS // 22_000 for place in range(1, 200)]
    due = [20 * SECOND + 10 * MS * place for place in range(1, 200)]
    served = replace(
        requests(growing, 0, run=2),
        scheduled_ns=pack_integers(due),
        sent_ns=pack_integers(due),
        started_ns=pack_integers([max(at, done - 9 * MS) for at, done in zip(due, growing, strict=True)]),
    )
    begun = replace(started(2, 20 * SECOND), parameters={**plan.runs[1].parameters, "rate": 200.0})
    write_journal(folder, [begun, measuring(2, 20 * SECOND), served, Done(run=2, at_ns=23 * SECOND)])
    (finding,) = judged(folder, 3).findings
    assert finding.kind == "search-misses"
    assert "saturated: 8" in finding.message


def test_without_a_request_served_before_there_is_no_rate_to_begin_at(tmp_path: Path) -> None:
    _, folder = searching(tmp_path)
    judgement = judged(folder, 2)
    assert judgement.rest
    assert "--rate-from" in (judgement.skip or "")


def test_at_the_end_what_is_left_is_skipped_and_show_tells_the_result_and_every_try(tmp_path: Path) -> None:
    plan, folder = searching(tmp_path, rate_from=100.0, resolution="50%", tries=9)
    rates = carried_out(folder, plan, border=130.0)
    judgement = judged(folder, len(rates) + 1)
    assert (judgement.skip, judgement.rest) == ("the search has ended", True)
    skipped = [
        Done(run=run, at_ns=500 * SECOND, outcome="skipped", reason=judgement.skip or "")
        for run in range(len(rates) + 1, 10)
    ]
    write_journal(folder, [*skipped, *judged(folder, 0).findings, Done(at_ns=501 * SECOND)])
    finish(folder)
    text = summary_text(summarise(load(folder)), 200)
    assert text.count("highest rate that meets p50<50ms: 100 requests/s (try 1 of 5; 141 does not)") == 1
    assert "try 2           200 requests/s does not, 0 good/s  (run 2: p50<50ms not met: 80.0 ms)" in text
    assert "the search has ended" not in text
    assert [line for line in text.splitlines() if line.endswith("  done")][1:] == ["1  infer/gpt  done"]
