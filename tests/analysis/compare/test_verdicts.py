"""Verdicts: their rules, and how often they are wrong."""

from __future__ import annotations

import random

import pytest

from app.analysis.compare.verdicts import metric_comparisons, verdict_of, with_sampling_error
from app.analysis.statistics.intervals import ratio_interval
from app.analysis.summary.report import CaseSummary, RunSummary
from app.session.results.comparison import Verdict
from app.session.results.interval import Interval
from app.text.compared import change_text


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "verdict"),
    [
        (1.01, 1.05, True, "better"),
        (1.01, 1.05, False, "worse"),
        (0.90, 0.99, True, "worse"),
        (0.90, 0.99, False, "better"),
        (0.995, 1.008, True, "same"),
        (1.002, 1.004, True, "better"),  # a small difference that is certain is one
        (0.98, 1.005, True, "cannot tell"),
        (1.0, 1.02, True, "cannot tell"),
        (1.0, 1.0, True, "same"),
        (None, None, True, "cannot tell"),
    ],
)
def test_the_rules(low: float | None, high: float | None, higher_is_better: bool, verdict: Verdict) -> None:
    ratio = Interval(1.0, low, high, 0.95, 5)
    assert verdict_of(ratio, higher_is_better=higher_is_better, within=0.01) == verdict


def test_the_same_is_seldom_called_different_and_three_per_cent_are_found() -> None:
    chance = random.Random(1)

    def repeats(of: float) -> list[float]:
        return [of * chance.lognormvariate(0, 0.015) for _ in range(10)]

    def verdict(by: float) -> Verdict:
        return verdict_of(ratio_interval(repeats(100), repeats(100 * by)), higher_is_better=True, within=0.01)

    assert sum(verdict(1.0) in ("better", "worse") for _ in range(200)) <= 12
    assert sum(verdict(1.03) == "better" for _ in range(40)) >= 32


def test_accuracies_have_the_interval_of_two_proportions_at_least() -> None:
    # ln(0.9 / 0.8) ± 1.96 √(0.2 / 80 + 0.1 / 90): 0.118 ± 0.118
    single = with_sampling_error(Interval(0.9 / 0.8, None, None, 0.95, 1), (0.8, 100), (0.9, 100))
    assert single.low == pytest.approx(1.0001, abs=1e-3)
    assert single.high == pytest.approx(1.2655, abs=1e-3)
    repeated = with_sampling_error(Interval(1.0, 0.5, 1.0, 0.95, 5), (0.8, 100), (0.8, 100))
    assert repeated.low == 0.5
    assert repeated.high is not None
    assert repeated.high > 1.1
    assert with_sampling_error(Interval(None, None, None, 0.95, 5), (0.0, 10), (0.1, 10)).low is None


def test_runs_with_cases_are_not_held_against_each_other_by_the_units_of_whichever_was_best() -> None:
    def run(best: str, units_per_s: float) -> RunSummary:
        cases = tuple(
            CaseSummary(name=name, count=9, measured_s=1.0, units=9, units_per_s=9.0, bytes_per_s=rate)
            for name, rate in (("1 MiB", 90.0), ("16 MiB", 91.0))
        )
        return RunSummary(
            run=1,
            workload="probe/copy",
            outcome="done",
            cases=cases,
            best_case=best,
            samples_per_s=units_per_s,
            counted_bytes_per_s=91.0,
        )

    base, other = [run("16 MiB", 100.0)] * 3, [run("1 MiB", 1600.0)] * 3
    found = metric_comparisons(base, other, paired=False, within=0.01)
    assert {metric.label: metric.verdict for metric in found} == {
        "bytes moved": "same",
        "1 MiB": "same",
        "16 MiB": "same",
    }


def test_a_change_that_rounds_to_nothing_has_no_sign_of_falling() -> None:
    assert [change_text(ratio) for ratio in (0.9999, 1.0001, 0.98)] == ["+0.0 %", "+0.0 %", "-2.0 %"]
