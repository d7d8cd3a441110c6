"""Queues that run away, and ones that are only long."""

from __future__ import annotations

import random

import polars as pl

from app.analysis.summary.saturation import saturation_of
from tests.analysis.requests import MS, asked


def queue(load: float, count: int = 1_000, seed: int = 3, ended_ms: float = 1e9) -> pl.LazyFrame:
    """One server that takes a millisecond, Poisson arrivals at that part of what it can serve."""
    chance = random.Random(seed)
    due, free = 0.0, 0.0
    dues, begun, latencies, outcomes = [], [], [], []
    for _ in range(count):
        due += chance.expovariate(load)
        free = max(free, due) + 1.0
        served = free <= ended_ms
        dues.append(due)
        begun.append(round((free - 1) * MS) if served else None)
        latencies.append((free if served else ended_ms) - due)
        outcomes.append("answered" if served else "unserved")
    return asked(latencies, dues_ms=dues, started_ns=begun, outcomes=outcomes)


def test_a_queue_that_grows_without_bound_is_told_with_what_was_offered_and_served() -> None:
    found = saturation_of(queue(1.3))
    assert found is not None
    assert 1250 < found.offered_per_s < 1350
    assert 990 < found.served_per_s <= 1000
    assert found.unserved == 0


def test_a_queue_that_is_only_long_is_not() -> None:
    assert all(saturation_of(queue(0.9, seed=seed)) is None for seed in range(20))


def test_a_short_run_that_was_stopped_while_a_few_waited_is_not() -> None:
    """The end of each is the instant after the last request was due."""
    for seed in range(40):
        dues = queue(0.9, count=150, seed=seed).select("scheduled_ns").collect().to_series()
        assert saturation_of(queue(0.9, count=150, seed=seed, ended_ms=dues[-1] / MS + 0.01)) is None


def test_an_overload_of_a_twentieth_is_found_where_the_run_is_long_enough() -> None:
    assert saturation_of(queue(1.05, count=5_000)) is not None


def test_requests_that_the_end_left_in_a_queue_that_was_never_empty_saturate() -> None:
    found = saturation_of(queue(2.0, ended_ms=600.0))
    assert found is not None
    assert found.unserved > 350


def test_a_request_that_the_end_cut_off_does_not() -> None:
    dues = [2.0 * number for number in range(200)]
    requests = asked([1.0] * 199 + [0.5], dues_ms=dues, outcomes=["answered"] * 199 + ["unserved"])
    assert saturation_of(requests) is None


def test_of_few_requests_nothing_is_said() -> None:
    assert saturation_of(queue(3.0, count=99)) is None
    assert saturation_of(asked([1.0] * 200, dues_ms=[0.0] * 200)) is None, "all at once is no schedule"
