"""Good requests and met clauses, counted by hand."""

from __future__ import annotations

import polars as pl
from msgspec.structs import replace

from app.analysis.summary.goodput import Goodput, goodput_of
from app.analysis.summary.goodput_text import goodput_lines
from app.analysis.summary.metrics import BY_NAME
from app.analysis.summary.report import RunSummary
from app.session.results.slo import parse_slo
from tests.analysis.requests import MS, asked


def goodput(requests: pl.LazyFrame, slo: str, seconds: float = 2.0) -> Goodput:
    """Of an objective as typed."""
    found = goodput_of(requests, parse_slo(slo), seconds)
    assert found is not None
    return found


def test_a_request_is_good_when_its_own_latency_is_below_the_threshold() -> None:
    found = goodput(asked([10, 49.9, 50, 51]), "p50<50ms")
    assert (found.good, found.sent, found.share, found.per_s) == (2, 4, 0.5, 1.0)


def test_a_clause_is_met_when_its_percentile_is_below_the_threshold() -> None:
    latencies = [10.0] * 98 + [60.0, 60.0]
    p95, p99 = (goodput(asked(latencies), f"{quantile}<50ms") for quantile in ("p95", "p99"))
    assert (p95.met, p95.clauses[0].measured_ms) == (True, 10.0)
    assert (p99.met, p99.clauses[0].measured_ms) == (False, 60.0)
    assert p95.good == p99.good == 98, "the percentile says which share must be good, not which requests are"


def test_an_error_is_not_good_and_slower_than_any_threshold() -> None:
    found = goodput(asked([1.0] * 98 + [0.5] * 2, outcomes=["answered"] * 98 + ["failed"] * 2), "p99<50ms, p90<50ms")
    assert (found.good, found.met) == (98, False)
    assert [(clause.met, clause.measured_ms, clause.at_least_ms) for clause in found.clauses] == [
        (False, None, None),
        (True, 1.0, None),
    ]


def test_what_was_never_served_is_at_least_as_slow_as_the_end_of_the_run() -> None:
    found = goodput(asked([1.0] * 90 + [900.0] * 10, outcomes=["answered"] * 90 + ["unserved"] * 10), "p99<2s")
    (clause,) = found.clauses
    assert (clause.met, clause.measured_ms, clause.at_least_ms) == (False, None, 900.0)
    assert found.good == 90


def test_what_a_request_that_was_never_served_has_at_least_is_from_where_the_clause_begins() -> None:
    latencies, outcomes = [900.0] * 10, ["unserved"] * 10
    sent = [(place + 100) * MS for place in range(10)]
    found = goodput(asked(latencies, outcomes=outcomes, sent_ns=sent), "from-send p50<2s, tpot p50<2s, queue p50<2s")
    assert [clause.at_least_ms for clause in found.clauses] == [800.0, None, 900.0]
    assert [clause.met for clause in found.clauses] == [False, False, False]


def test_every_clause_must_be_met_by_a_good_request() -> None:
    requests = asked(
        [100.0, 100.0, 100.0],
        first_ns=[10 * MS, 61 * MS, 12 * MS],
        tokens=[11, 11, 1],
    )
    found = goodput(requests, "ttft p50<20ms, tpot p50<9.5ms")
    # The first takes 9 ms a token after its first one, the second 60 ms to its first, the third has one token alone.
    assert found.good == 2
    assert [clause.measured_ms for clause in found.clauses] == [10.0, 6.5]


def test_a_gap_that_is_too_long_spoils_its_request_and_counts_once_in_the_percentile() -> None:
    requests = asked([30.0, 30.0], tokens=[4, 4], itl_ns=[[MS, MS, MS], [MS, 9 * MS, MS]])
    found = goodput(requests, "itl p50<5ms")
    assert (found.good, found.met, found.clauses[0].measured_ms) == (1, True, 1.0)


def test_from_send_and_queue_begin_where_they_say() -> None:
    requests = asked([30.0], dues_ms=[0], sent_ns=[10 * MS], started_ns=[25 * MS])
    found = goodput(requests, "from-send max<1s, queue max<1s, latency max<1s")
    assert [clause.measured_ms for clause in found.clauses] == [20.0, 25.0, 30.0]


def test_what_no_request_has_is_neither_met_nor_missed() -> None:
    found = goodput(asked([1.0]), "tpot p50<1ms")
    assert (found.met, found.good, found.share, found.per_s) == (None, None, None, None)


def test_nothing_is_said_without_an_objective_or_a_request() -> None:
    assert goodput_of(asked([1.0]), (), 1.0) is None
    assert goodput_of(asked([]), parse_slo("p99<1ms"), 1.0) is None


def test_lines_say_the_rate_the_share_and_each_clause() -> None:
    requests = asked([10.0] * 90 + [900.0] * 10, outcomes=["answered"] * 90 + ["unserved"] * 10)
    found = goodput(requests, "p50<50ms, from-send p99<50ms")
    assert list(goodput_lines(found)) == [
        ("goodput", "45 good requests/s, 90.0 % of 100 sent"),
        ("objective", "p50<50ms met: 10.0 ms"),
        ("", "from-send p99<50ms not met: at least 900 ms, when the run ended"),
    ]


def test_goodput_is_a_metric_of_the_run_for_repeats_and_comparisons() -> None:
    run = RunSummary(run=1, workload="infer/gpt", outcome="done", goodput=goodput(asked([10, 60]), "p50<50ms"))
    assert BY_NAME["good_per_s"].read(run) == 0.5
    assert BY_NAME["good_per_s"].read(replace(run, goodput=None)) is None
