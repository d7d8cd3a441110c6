"""Repeats as points and intervals, and the plan of many runs in a row."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.session.live.view import PointView, RunView, VariantView, View
from app.ui.draw.repeats import draw_repeats, draw_small, small_height
from app.ui.draw.rounds import rounds_row
from app.ui.draw.rows import row_width
from app.ui.draw.strip import axis_row, limit_of, strip_row
from tests.ui.draw.text import lines_of
from workloads.wire.frames import Estimate


def variant(number: int, values: tuple[float, ...], planned: int = 5) -> VariantView:
    """A variant with these repeats done, and an interval of ±2 % from the third on."""
    means = [sum(values[:count]) / count for count in range(1, len(values) + 1)]
    return VariantView(
        variant=number,
        title=f"train/digits batch={8 * number}",
        metric="samples_per_s",
        label="throughput",
        unit="samples/s",
        points=tuple(
            PointView(
                run=place * 2 + number,
                repeat=place + 1,
                state="done" if place < len(values) else "planned",
                value=values[place] if place < len(values) else None,
            )
            for place in range(planned)
        ),
        estimates=tuple(
            Estimate(
                at_ns=count,
                variant=number,
                metric="samples_per_s",
                value=mean,
                repeats=count,
                low=0.98 * mean if count > 2 else None,
                high=1.02 * mean if count > 2 else None,
            )
            for count, mean in enumerate(means, start=1)
        ),
    )


VIEW = View(
    name="repeats",
    now_ns=0,
    state="running",
    variants=(variant(1, (100.0, 101.0, 99.0)), variant(2, (2000.0, 2000.0))),
    until=0.01,
)


def test_a_strip_has_points_and_their_interval_as_parts_of_the_mean() -> None:
    row = strip_row((-0.05, 0.0, 0.025, 0.025), (-0.025, 0.05), 0.05, None, 21)
    assert lines_of([row]) == ["•    ├────•────2────┤"]


def test_a_strip_shows_the_mean_and_what_is_asked_for() -> None:
    assert lines_of([strip_row((), None, 0.02, 0.01, 21)]) == ["     ┆    │    ┆     "]
    assert lines_of([axis_row(0.02, 21)]) == ["-2 %    mean     +2 %"]


@pytest.mark.parametrize("part", [float("nan"), float("inf"), 1e300, -1e300])
def test_what_is_no_measurement_breaks_no_strip(part: float) -> None:
    limit = limit_of((part, 0.01), None)
    assert row_width(strip_row((part,), (part, part), limit, 0.01, 20)) == 20


def test_the_small_form_has_a_row_for_each_variant_on_one_axis() -> None:
    rows = lines_of(draw_small(VIEW, 140))
    assert len(rows) == small_height(VIEW) == 5
    assert "round 3 of 5 at most · until ±1.00 %" in rows[0]
    assert "throughput 100 samples/s  ±2.00 %  3 of 5" in rows[2]
    assert "2,000 samples/s  ± from 3 on  2 of 5" in rows[3]
    assert rows[3].count("2") > 2, "two equal repeats are a 2 on the strip"
    assert small_height(replace(VIEW, variants=())) == 0


def test_with_room_each_repeat_has_a_row_with_the_interval_after_it() -> None:
    rows = [row for row in lines_of(draw_repeats(VIEW, 100, 24)) if "samples/s" in row]
    assert len(rows) == 7
    assert "├" not in rows[2]
    assert "├" in rows[3]
    assert rows[3].rstrip(" │").endswith("99 samples/s  ±2.00 %")


def test_an_interval_stands_beside_the_repeat_after_which_it_was_known_though_one_before_it_failed() -> None:
    told = variant(1, (100.0, 101.0, 99.0))
    failed = PointView(run=99, repeat=1, state="failed", value=None)
    later = tuple(replace(point, repeat=point.repeat + 1) for point in told.points)
    rows = lines_of(draw_repeats(replace(VIEW, variants=(replace(told, points=(failed, *later)),)), 100, 24))
    beside = {
        int(row.split()[1]): "±2.00 %" in row for row in rows if row.startswith("│ ") and row.split()[1].isdigit()
    }
    assert beside == {1: False, 2: False, 3: False, 4: True}


def test_many_variants_have_a_row_each_and_can_be_scrolled() -> None:
    many = replace(VIEW, variants=tuple(variant(number, (100.0,)) for number in range(1, 41)))
    first, later = (lines_of(draw_repeats(many, 80, 24, first)) for first in (0, 30))
    assert "batch=8 " in first[2]
    assert "batch=160" in "".join(later)
    assert "batch=320" in lines_of(draw_repeats(many, 80, 24, 1_000))[-2]


@pytest.mark.parametrize("width", range(8, 150, 7))
def test_every_row_has_the_width_that_was_asked_for(width: int) -> None:
    for height in (1, 3, 4, 8, 24, 40):
        rows = draw_repeats(VIEW, width, height)
        assert len(rows) == height
        assert {row_width(row) for row in rows} == {width}
    assert {row_width(row) for row in draw_small(VIEW, width)} == {width}


def test_the_plan_of_forty_runs_is_a_sign_for_each_round_by_round() -> None:
    runs = tuple(
        RunView(run=run, workload="train/digits", title=f"train/digits #{run}", state="done" if run < 4 else "planned")
        for run in range(1, 41)
    )
    going = replace(runs[3], state="running")
    view = replace(VIEW, runs=(*runs[:3], going, *runs[4:]), current=going)
    (wide,) = lines_of([rounds_row(view, 100)])
    assert wide.startswith(" plan  ✓✓ ✓▶ ·· ··")
    assert wide.rstrip().endswith("4 of 40  train/digits #4 ▶")
    (narrow,) = lines_of([rounds_row(view, 40)])
    assert narrow.rstrip() == " plan  ✓ 3 · 36  4 of 40"
