"""What repeats warn of: one thing at a time, and nothing of repeats that are as they should be."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from app.analysis.statistics.cautions import cautions_of, too_wide
from app.session.results.interval import Interval

GOOD = [100.1, 99.2, 100.8, 99.9, 100.4, 99.6, 100.0, 100.6]


def kinds(values: Sequence[float | None]) -> list[str]:
    return [caution.kind for caution in cautions_of(values)]


def test_repeats_that_spread_as_they_should_warn_of_nothing() -> None:
    assert cautions_of(GOOD) == ()
    assert cautions_of([]) == ()
    assert cautions_of([7.0] * 9) == ()
    assert cautions_of([0.0] * 9) == ()


@pytest.mark.parametrize(("count", "message", "more"), [(1, "one repeat says", "4"), (3, "3 repeats say", "2")])
def test_too_few_say_how_many_more(count: int, message: str, more: str) -> None:
    (caution,) = cautions_of(GOOD[:count], variant=2)
    assert (caution.kind, caution.variant) == ("too-few-repeats", 2)
    assert caution.message.startswith(message)
    assert caution.remedy.startswith(f"{more} more")


def test_what_was_not_measured_is_passed_over() -> None:
    assert kinds([None, *GOOD[:3], math.nan]) == ["too-few-repeats"]
    (caution,) = cautions_of([None, *GOOD, 150.0])
    assert "repeat 10 is" in caution.message


def test_two_modes_are_told_with_their_middles_and_are_no_outliers() -> None:
    (caution,) = cautions_of([100.0, 120.1, 100.2, 99.9, 120.0, 119.8, 100.1, 119.9], label="throughput")
    assert caution.kind == "two-modes"
    assert "throughput has two modes: 100 in 4 repeats, 120 in 4" in caution.message


def test_a_drift_is_told_with_its_size() -> None:
    (caution,) = cautions_of([100.0, 101.1, 101.9, 103.0, 104.2, 105.0])
    assert caution.kind == "drift"
    assert "rises by 4.9 % from the first repeat to the last" in caution.message
    assert kinds([105.0, 104, 103, 102, 101, 100]) == ["drift"]
    assert kinds([100.0, 101, 102, 103, 104]) == [], "five have no order"
    assert kinds([100.0, 100.01, 100.02, 100.03, 100.04, 100.05]) == [], "too small for a word"


def test_an_outlier_is_named_with_how_far_it_is() -> None:
    (caution,) = cautions_of([*GOOD[:4], 91.0, *GOOD[4:]], label="throughput")
    assert caution.kind == "outlier"
    assert caution.message == "repeat 5 is an outlier: throughput is 91.0, 9.0 % below the median"
    assert kinds([5.0, 5, 5, 5, 5, 5, 9]) == ["outlier"], "where most are equal there is no MAD"


def test_an_interval_that_is_too_wide_says_how_many_repeats_it_lacks() -> None:
    interval = Interval(100.0, 98.0, 102.0, 0.95, 10)
    (caution,) = cautions_of(GOOD, interval=interval, sought=0.01)
    assert caution.kind == "interval-too-wide"
    assert caution.message == "the interval is ±2.0 %, wider than the 1.0 % that was asked for"
    assert caution.remedy.startswith("about 30 repeats more")
    assert cautions_of(GOOD, interval=interval, sought=0.02) == ()
    assert too_wide(Interval(100.0, None, None, 0.95, 2), 0.01) is None
    found = too_wide(interval, 0.005, "between the two")
    assert found is not None
    assert found.message.endswith("wider than the 0.5 % between the two")


def test_chance_alone_seldom_warns() -> None:
    chance = random.Random(11)
    warned = [kind for _ in range(100) for kind in kinds([chance.gauss(100, 1) for _ in range(10)])]
    assert warned.count("drift") <= 10
    assert warned.count("two-modes") <= 5
