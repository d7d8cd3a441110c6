"""When a load was not the one that was asked for, and what is said then."""

from __future__ import annotations

import pytest

from app.analysis.judging.load_cautions import lag_p99_ns, load_cautions
from app.analysis.summary.saturation import Saturation
from app.session.live.generator import FEWEST, LATE_NS
from tests.analysis.requests import MS, asked


def test_a_saturated_run_says_what_was_offered_and_what_was_served() -> None:
    (caution,) = load_cautions(3, Saturation(offered_per_s=520, served_per_s=480, unserved=1200), 0.2 * MS)
    assert (caution.kind, caution.run) == ("saturated", 3)
    assert "520 requests/s were offered, 480 served, 1,200 of them never" in caution.message
    assert "how long the run lasted" in caution.message
    assert caution.remedy


def test_a_generator_that_is_a_millisecond_late_is_a_caution_of_its_own() -> None:
    (caution,) = load_cautions(1, None, LATE_NS)
    assert caution.kind == "generator-limited"
    assert "1.00 ms at p99" in caution.message


def test_a_load_that_was_what_was_asked_for_needs_no_caution() -> None:
    assert load_cautions(1, None, LATE_NS - 1) == ()
    assert load_cautions(1, None, None) == ()


def test_a_lag_is_told_of_as_few_requests_as_light_the_screen() -> None:
    def sent(lags_ms: list[float]) -> float | None:
        return lag_p99_ns(
            asked([50.0] * len(lags_ms), sent_ns=[n * MS + int(lag * MS) for n, lag in enumerate(lags_ms)])
        )

    assert sent([0.0] * (FEWEST - 10) + [5.0] * 10) == pytest.approx(5 * MS)
    assert sent([5.0] * (FEWEST - 1)) is None
    assert sent([]) is None
