"""When a load was not the one that was asked for, and what is said then."""

from __future__ import annotations

import polars as pl

from app.analysis.load_cautions import load_cautions
from app.analysis.report import Times
from app.analysis.saturation import Saturation
from app.analysis.times import times_of
from tests.analysis.requests import asked


def lag(milliseconds: float) -> Times:
    """Requests that were all sent so late."""
    found = times_of("generator lag", asked([milliseconds] * 1_000), pl.col("done_ns") - pl.col("scheduled_ns"))
    assert found is not None
    return found


def test_a_saturated_run_says_what_was_offered_and_what_was_served() -> None:
    (caution,) = load_cautions(3, Saturation(offered_per_s=520, served_per_s=480, unserved=1200), lag(0.2))
    assert (caution.kind, caution.run) == ("saturated", 3)
    assert "520 requests/s were offered, 480 served, 1,200 of them never" in caution.message
    assert "how long the run lasted" in caution.message
    assert caution.remedy


def test_a_generator_that_is_a_millisecond_late_is_a_caution_of_its_own() -> None:
    (caution,) = load_cautions(1, None, lag(1.0))
    assert caution.kind == "generator-limited"
    assert "1.00 ms at p99" in caution.message


def test_a_load_that_was_what_was_asked_for_needs_no_caution() -> None:
    assert load_cautions(1, None, lag(0.999)) == ()
    assert load_cautions(1, None, None) == ()
