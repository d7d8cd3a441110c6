"""Operators that were counted in a step: which of them are too small, and what is said then."""

from __future__ import annotations

from typing import Any

import pytest

from app.verdicts.rules.calling import calling
from app.verdicts.rules.device.compute import compute_bound
from app.verdicts.rules.host.launch import launch_bound
from app.verdicts.rules.inference.batch import batch_too_small
from app.verdicts.window import RequestSums, Window
from tests.verdicts.windows import MS, gauges, started, steps, window
from workloads.wire.frames import Verdict


def counted(operators: float, flops: float, moved: float, step_ms: float = 8.0, **fields: Any) -> Window:
    """A script on four busy processors, whose steps of 64 samples are so many operators, FLOPs and bytes."""
    each: dict[str, Any] = {"operators_per_step": operators, "flops_per_unit": flops / 64, "bytes_per_unit": moved / 64}
    given: dict[str, Any] = {
        "started": started(**each),
        "steps": steps(1_000, step_ms, forward=0.3, backward=0.5, optimizer=0.2),
        "worker": gauges("worker", cpu_percent=395.0, threads=9),
        "torch_threads": 4,
    }
    return window(**given | fields)


TINY = (2_300, 1e7, 8e6)
"""A step of thousands of operators, each of which does some 4 kFLOP on some 3 kB."""


def test_operators_smaller_than_their_calls_bind_however_busy_the_processors_are() -> None:
    verdict = launch_bound(counted(*TINY))
    assert isinstance(verdict, Verdict)
    assert verdict.severity == "critical"
    assert "2,300 operators of 3.5 µs" in verdict.summary
    assert verdict.bound == pytest.approx(8.0 / (8.0 - 6.9), rel=0.01)
    assert compute_bound(counted(*TINY)) is None, "what spins is not busy"


def test_operators_that_do_more_than_their_calls_are_arithmetic() -> None:
    products = counted(46, 1.2e10, 1.5e8, step_ms=400.0)
    assert launch_bound(products) is None
    assert isinstance(compute_bound(products), Verdict)


def test_work_takes_no_longer_than_calls_leave_for_it() -> None:
    verdict = launch_bound(counted(2_300, 2e8, 7e7, step_ms=12.0))
    assert isinstance(verdict, Verdict)
    assert "its own work 2.2 µs at most" in verdict.summary
    assert launch_bound(counted(2_300, 2e8, 7e7, step_ms=18.0)) is None


def test_small_operators_that_are_a_small_part_of_the_step_do_not_bind() -> None:
    assert launch_bound(counted(*TINY, step_ms=80.0)) is None


def test_beside_others_no_part_is_known_and_nothing_is_warned_of() -> None:
    crowd = gauges("host", cpu_percent=99.0, cpu_pressure_percent=60.0)
    own = gauges("worker", cpu_percent=200.0, threads=9)
    verdict = launch_bound(counted(*TINY, step_ms=200.0, host=crowd, worker=own))
    assert isinstance(verdict, Verdict)
    assert verdict.severity == "info"


def test_a_model_of_few_operators_is_what_it_is() -> None:
    verdict = launch_bound(counted(40, 1e5, 1e5, step_ms=0.3))
    assert isinstance(verdict, Verdict)
    assert verdict.severity == "info"


def test_what_nobody_counted_says_nothing() -> None:
    assert calling(counted(*TINY, started=started())) is None
    assert calling(counted(*TINY, started=started(operators_per_step=2_300.0, bytes_per_unit=1.0))) is None
    assert calling(counted(*TINY, steps=None)) is None


def asked(samples: int, operators: float, flops: float, moved: float) -> Window:
    """A script that asks its model 1,000 times in ten seconds, so many samples at once."""
    requests = RequestSums(
        count=1_000, samples=1_000 * samples, seconds=10.0, latency_median_ns=9.9 * MS, lag_ns=0, lag_p99_ns=0.0
    )
    each: dict[str, Any] = {"flops_per_unit": flops / samples, "bytes_per_unit": moved / samples}
    passes = steps(1_000, 9.9, forward=0.98, backward=0.0, optimizer=0.0, samples=1_000 * samples)
    return counted(1, 1, 1, started=started(operators_per_step=operators, **each), steps=passes, requests=requests)


def test_weights_that_are_read_for_one_sample_could_do_more_at_once() -> None:
    verdict = batch_too_small(asked(1, 120, 5e6, 1e7))
    assert isinstance(verdict, Verdict)
    assert (verdict.severity, verdict.bound) == ("warning", None)
    assert "0.5 FLOP for each byte" in verdict.summary
    assert batch_too_small(asked(16, 120, 8e7, 1.3e7)) is None, "sixteen share them"
    assert batch_too_small(asked(1, 60, 1e9, 1e7)) is None, "convolutions use each weight often"


def test_so_could_operators_smaller_than_their_calls() -> None:
    verdict = batch_too_small(asked(1, 2_000, 1e7, 2e6))
    assert isinstance(verdict, Verdict)
    assert "calling operators takes 61 % of the time" in verdict.summary
