"""Medians that are counted are those that are sorted."""

from __future__ import annotations

import statistics

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.summary.headline import headlines
from app.analysis.summary.medians import medians
from app.analysis.tables.schema import REQUESTS, STEPS

VALUES = st.lists(st.integers(0, 5) | st.integers(990_000, 1_010_000) | st.integers(0, 2**50), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.integers(1, 4), VALUES, min_size=1))
def test_they_are_exact(runs: dict[int, list[int]]) -> None:
    rows = [(run, value) for run, values in runs.items() for value in values]
    table = pl.LazyFrame(rows, schema={"run": pl.Int32, "wall_ns": pl.Int64}, orient="row")
    found = medians(table, "wall_ns")
    assert found == {run: statistics.median(values) for run, values in runs.items()}


def test_a_column_without_values_has_none() -> None:
    assert (
        medians(pl.LazyFrame({"run": [1], "wall_ns": [None]}, schema_overrides={"wall_ns": pl.Int64}), "wall_ns") == {}
    )


def test_a_headline_says_the_same_of_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    walls = [5_000_000, 1_000_000, 2_000_000, 9_000_000]
    steps = pl.DataFrame({"run": [1, 1, 1, 1], "wall_ns": walls, "samples": [64] * 4, "phase": ["measure"] * 4})
    steps = steps.cast({name: STEPS[name] for name in steps.columns})
    tables = {
        "steps": pl.concat([pl.DataFrame(schema=STEPS), steps], how="diagonal").lazy(),
        "requests": pl.LazyFrame(schema=REQUESTS),
    }
    few = headlines(tables, {1: 2.0}, {1: ()})
    monkeypatch.setattr("app.analysis.summary.headline.MANY", 0)
    assert headlines(tables, {1: 2.0}, {1: ()}) == few
    assert few[1].p50_ms == 3.5
