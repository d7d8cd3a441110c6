"""What a chart over time shows of many samples: few numbers, and no slow step lost among them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from app.analysis.reporting.rounding import rounded
from app.analysis.reporting.series import course, histogram, readings
from app.analysis.tables.parquet import scan_tables
from tests.analysis.compare.sessions import MadeRun, made

COUNT = 50_000


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> pl.LazyFrame:
    """Steps of 1 ms, one of which took 300 ms."""
    took = [1.0] * COUNT
    took[31_000] = 300.0
    return scan_tables(made(tmp_path_factory.mktemp("home"), MadeRun(took)))["steps"]


def test_every_stretch_tells_of_all_that_ended_in_it(steps: pl.LazyFrame) -> None:
    end_ns = (COUNT - 1 + 300) * 1_000_000
    found = course(steps, "steps", 1, [(0, end_ns)], 400)
    assert len(found) == 400
    assert found["n"].sum() == COUNT
    assert found["high"].max() == 300.0
    assert found["p50"].max() == found["low"].max() == 1.0
    # Where one step took longer than a stretch, nothing ended; elsewhere it is a thousand a second.
    assert found["rate"].min() == 0.0
    assert found["rate"].median() == pytest.approx(1000, rel=0.02)


def test_a_few_stand_for_themselves(tmp_path: Path) -> None:
    few = scan_tables(made(tmp_path, MadeRun((10, 30, 20))))["steps"]
    found = course(few, "steps", 1, [(0, 60_000_000)], 400)
    assert found["t"].to_list() == pytest.approx([0.01, 0.04, 0.06])
    assert found["p50"].to_list() == [10, 30, 20]
    assert found["rate"].null_count() == 3
    assert course(few, "steps", 2, [(0, 60_000_000)], 400).is_empty()
    assert course(few, "steps", 1, [], 400).is_empty()


def test_rates_are_of_measured_time_alone(steps: pl.LazyFrame) -> None:
    second = 1_000_000_000
    found = course(
        steps.filter(pl.col("start_ns") < 4 * second), "steps", 1, [(0, second), (3 * second, 4 * second)], 8
    )
    assert [None if rate is None else round(rate, -2) for rate in found["rate"]][2:6] == [None] * 4


def test_what_is_slower_than_the_axis_is_in_its_last_part(steps: pl.LazyFrame) -> None:
    took = pl.DataFrame(
        {"run": 1, "phase": "measure", "wall_ns": [1_000_000 + 1_000 * number for number in range(5_000)]}
    )
    slow = pl.concat([took, took.head(1).with_columns(wall_ns=pl.lit(900_000_000, pl.Int64))])
    found = histogram(slow.lazy(), "steps", 1)
    assert found["n"].sum() == 5_001
    assert found["until"].max() == 900.0
    assert found["high"].is_between(1, 7).all()


def test_readings_keep_their_extremes() -> None:
    gauges = pl.DataFrame(
        {
            "device": "gpu0",
            "source": ["nvml"] * 99 + ["gpm"],
            "at_ns": [number * 10_000_000 for number in range(100)],
            "power_w": [100.0] * 50 + [700.0] + [100.0] * 48 + [5.0],
        }
    )
    found = readings(gauges.lazy(), 0, 1_000_000_000, 5)
    assert len(found) == 5
    assert found["high"].max() == 700.0
    assert found["low"].min() == 100.0, "the source that read more often counts"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.23456789, 1.2346),
        (123456.7, 123460),
        (2.0, 2),
        (float("nan"), None),
        (float("inf"), None),
        (7, 7),
        ("x", "x"),
    ],
)
def test_numbers_are_as_long_as_a_chart_needs(value: float | str, shown: float | str | None) -> None:
    assert rounded(value) == shown
