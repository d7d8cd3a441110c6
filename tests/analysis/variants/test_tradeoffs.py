"""What a speed cost: ratios against the first variant, and differences of accuracy in points."""

from __future__ import annotations

import pytest

from app.analysis.statistics.intervals import mean_interval
from app.analysis.variants.report import MetricInterval, Repeat, VariantSummary
from app.analysis.variants.tradeoff_text import tradeoff_lines
from app.analysis.variants.tradeoffs import tradeoffs


def variant(
    number: int, values: tuple[float, ...], metric: str = "samples_per_s", workload: str = "infer/x", **results: float
) -> VariantSummary:
    """One that reached these speeds, and this accuracy each time."""
    return VariantSummary(
        variant=number,
        title=f"{workload} batch={number}",
        workload=workload,
        planned=len(values),
        done=len(values),
        metric=metric,
        label="",
        unit="requests/s",
        repeats=tuple(
            Repeat(run=0, repeat=repeat, outcome="done", value=value) for repeat, value in enumerate(values, 1)
        ),
        metrics=tuple(
            MetricInterval(name=name, label="", unit="", mean=mean_interval([value])) for name, value in results.items()
        ),
    )


def test_a_variant_is_held_against_the_first_of_its_workload() -> None:
    first, second = tradeoffs([variant(1, (100.0, 100.0), accuracy=0.981), variant(2, (180.0, 190.0), accuracy=0.978)])
    assert (first.speed.value, first.difference, first.against) == (1.0, 0.0, 1)
    assert (second.speed.value, second.against, second.value) == (1.85, 1, 185.0)
    assert second.difference == pytest.approx(-0.3)
    assert second.reached == 0.978


def test_of_a_latency_less_is_faster() -> None:
    _, second = tradeoffs(
        [variant(1, (10.0,), "latency_p50_ms", accuracy=0.9), variant(2, (5.0,), "latency_p50_ms", accuracy=0.9)]
    )
    assert second.speed.value == 2.0


def test_several_repeats_give_the_ratio_an_interval() -> None:
    speeds = (100.0, 101.0, 99.0, 100.5)
    _, second = tradeoffs(
        [
            variant(1, speeds, bits_per_byte=2.0),
            variant(2, tuple(2 * each for each in reversed(speeds)), bits_per_byte=2.1),
        ]
    )
    assert second.speed.low is not None
    assert second.speed.high is not None
    assert 1.9 < second.speed.low < 2.0 < second.speed.high < 2.1
    assert (second.result, round(second.difference, 9)) == ("bits_per_byte", 0.1)


def test_what_shifts_a_round_does_not_widen_the_ratio() -> None:
    drifting = (100.0, 120.0, 90.0, 110.0, 80.0)
    variants = [variant(1, drifting, accuracy=0.9), variant(2, tuple(2 * each for each in drifting), accuracy=0.9)]
    _, second = tradeoffs(variants)
    assert second.speed.low == pytest.approx(2.0)
    assert second.speed.high == pytest.approx(2.0)


def test_only_what_has_a_speed_of_the_same_kind_and_a_result_is_told() -> None:
    alone = variant(1, (100.0,), accuracy=0.9)
    assert tradeoffs([alone]) == ()
    assert tradeoffs([alone, variant(2, (100.0,))]) == ()
    assert tradeoffs([alone, variant(2, (), accuracy=0.9)]) == ()
    assert tradeoffs([alone, variant(2, (1.0,), "latency_p50_ms", accuracy=0.9)]) == ()
    assert tradeoffs([alone, variant(2, (1.0,), workload="infer/y", accuracy=0.9)]) == ()


def test_the_table_has_a_row_a_variant() -> None:
    speeds = (100.0, 101.0, 99.0, 100.5)
    lines = tradeoff_lines(
        tradeoffs(
            [variant(1, speeds, accuracy=0.981), variant(2, tuple(2 * s for s in reversed(speeds)), accuracy=0.978)]
        ),
        120,
    )
    assert lines[0].split() == ["what", "the", "speed", "cost", "mean", "speed", "accuracy", "difference"]
    assert lines[1].split()[-4:] == ["requests/s", "×1", "98.1", "%"]
    assert "×2.00 (1.9" in lines[2]
    assert lines[2].endswith("97.8 %  −0.3 points")
