"""What a search plans, what it refuses, and how its result is worded."""

from __future__ import annotations

import re

import pytest

from app.session.planning import RunRequest
from app.session.planning.plan import Plan
from app.session.planning.search import SearchRequest, make_search
from app.session.results.search import SearchResult, SearchTry, is_try


def planned(*workloads: str, slo: str | None = "p99<50ms", tries: int = 3, **options: object) -> Plan:
    """A search for a rate, with some options of the run or of the search."""
    of_search = {name: options.pop(name) for name in ("rate_from", "resolution") if name in options}
    request = RunRequest(workloads=workloads or ("infer/gpt",), slo=slo, **options)  # type: ignore[arg-type]
    return make_search(request, SearchRequest(tries=tries, **of_search), created_ns=0)  # type: ignore[arg-type]


def test_a_closed_loop_stands_before_the_tries_where_no_rate_is_given_to_start_from() -> None:
    plan = planned(settings=("batch=2", "max_delay_ms=3"), duration_s=20.0)
    begin, *tries = plan.runs
    assert begin.parameters == {"load": "closed", "batch": 2}
    assert begin.duration_s == 5.0
    assert [run.parameters for run in tries] == [{"load": "poisson", "batch": 2, "max_delay_ms": 3.0}] * 3
    assert [is_try(plan, run) for run in plan.runs] == [False, True, True, True]


def test_with_a_rate_to_start_from_there_are_only_tries_after_what_they_need() -> None:
    plan = planned("train/digits", "infer/digits", rate_from=200.0, resolution="5%")
    assert [run.workload for run in plan.runs] == ["train/digits", *["infer/digits"] * 3]
    assert (plan.search, plan.search_from, plan.search_resolution) == (True, 200.0, 0.05)
    assert plan.slo == "p99<50ms"


def test_every_try_draws_arrivals_of_its_own_and_repeats_none() -> None:
    tries = planned(rate_from=1.0, seed=2**32 - 2).runs
    assert [run.seed for run in tries] == [2**32 - 2, 2**32 - 1, 0]
    assert [(run.run, run.variant, run.repeat) for run in tries] == [(1, 0, 1), (2, 0, 1), (3, 0, 1)]


def test_a_load_of_bursts_is_searched_too() -> None:
    plan = planned(load="burst:burstiness=0.3", rate_from=1.0)
    assert plan.runs[0].parameters == {"load": "burst", "burstiness": 0.3}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"slo": None}, "--slo"),
        ({"tries": 1}, "--tries 1: give 2 to"),
        ({"rate_from": 0.0}, "--rate-from 0"),
        ({"resolution": "2"}, "--resolution 2: give 0.1% to 50%"),
        ({"resolution": "90%"}, "--resolution 90%"),
        ({"load": "closed"}, "poisson or burst"),
        ({"settings": ("load=closed",)}, "poisson or burst"),
        ({"load": "poisson:rate=5"}, "decides the rate itself"),
        ({"settings": ("rate=5",)}, "decides the rate itself"),
        ({"settings": ("batch=1,2",)}, "one configuration"),
    ],
)
def test_a_refusal_says_what_to_do(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        planned(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("workloads", [("train/gpt",), ("infer/gpt", "train/gpt"), ("infer/gpt", "infer/resnet")])
def test_a_search_is_of_one_workload_that_serves(workloads: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="one infer/"):
        planned(*workloads)


def test_a_border_that_is_the_load_generators_own_is_said_to_be() -> None:
    tries = (
        SearchTry(run=1, rate=100.0, met=True, why=""),
        SearchTry(run=2, rate=200.0, met=False, why="generator-limited"),
    )
    found = SearchResult(slo="p99<50ms", rate=100.0, fails_at=200.0, settled=True, tries=tries)
    assert "200 does not, since the load generator was late there" in found.text


def result(*tries: tuple[float, bool], rate: float | None, fails_at: float | None, settled: bool = True) -> str:
    """In words."""
    made = tuple(SearchTry(run=1, rate=each, met=met, why="") for each, met in tries)
    return SearchResult(slo="p99<50ms", rate=rate, fails_at=fails_at, settled=settled, tries=made).text


def test_the_result_names_the_rate_the_try_and_what_does_not() -> None:
    tries = ((250.0, True), (500.0, False), (412.0, True), (420.0, False))
    assert result(*tries, rate=412.0, fails_at=420.0) == (
        "highest rate that meets p99<50ms: 412 requests/s (try 3 of 4; 420 does not)"
    )
    assert "not settled" in result(*tries, rate=412.0, fails_at=500.0, settled=False)
    assert "no higher one was tried" in result((8.0, True), rate=8.0, fails_at=None, settled=False)


def test_where_no_rate_meets_it_that_is_the_result() -> None:
    assert result((8.0, False), rate=None, fails_at=8.0) == (
        "no rate was found that meets p99<50ms, in 1 try: 8.00 requests/s does not"
    )
