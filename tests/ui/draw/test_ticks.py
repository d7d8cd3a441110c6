"""What stands on the time axis: marks where they happened, stretches over their cells, the cursor with its values."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.session.live.view import Mark, Series
from app.ui.draw.look import LIVE, frozen_at, with_cursor
from app.ui.draw.panel import Over, chart_rows, panel_content
from app.ui.draw.rows import row_width
from app.ui.draw.scale import rescaled, value_at
from app.ui.draw.ticks import Axis, Tick, axis_row, ticks
from tests.ui import samples
from tests.ui.draw.text import lines_of, text_of

SECOND = samples.SECOND
AXIS = Axis(SECOND, 99, 20)
"""Forty seconds, from 60 to 99."""


def mark(from_s: int, to_s: int | None = None, *, kind: str = "experiment", text: str = "tf32") -> Mark:
    to_ns = None if to_s is None else to_s * SECOND
    return Mark(run=1, kind=kind, from_ns=from_s * SECOND, to_ns=to_ns, text=text)  # type: ignore[arg-type]


def test_a_mark_stands_in_the_cell_of_its_instant_and_one_that_is_past_does_not() -> None:
    found = ticks((mark(10, 10, kind="knob"), mark(62, 62, kind="knob", text="batch = 128")), AXIS)
    assert found == (Tick(1, 1, "batch = 128"),)
    assert text_of(axis_row(found, 20)) == " ▲ batch = 128      "


def test_a_stretch_covers_its_cells_and_one_that_goes_on_reaches_to_the_edge() -> None:
    assert ticks((mark(50, 69),), AXIS) == (Tick(0, 4, "tf32", disturbed=True),)
    assert ticks((mark(80),), AXIS) == (Tick(10, 19, "tf32", disturbed=True),)
    assert text_of(axis_row(ticks((mark(80),), AXIS), 20)) == "          ├─tf32───┤"


def test_in_a_sweep_a_stretch_that_wraps_around_is_two() -> None:
    axis = Axis(SECOND, 85, 20, sweep=True)
    assert [(tick.first, tick.last) for tick in ticks((mark(76, 83),), axis)] == [(18, 19), (0, 1)]
    assert ticks((mark(10, 20),), axis) == ()


def test_labels_never_overlap_and_the_row_is_as_wide_as_the_chart() -> None:
    found = ticks(tuple(mark(at, at, kind="knob", text="batch = 1024") for at in range(60, 100, 3)), AXIS)
    row = axis_row(found, 20, ("12:00:00", "12:00:40"))
    assert row_width(row) == 20
    assert text_of(row).count("▲") >= 2


@pytest.mark.parametrize("sweep", [False, True])
def test_a_disturbed_stretch_is_quiet_in_the_chart_and_named_under_it(sweep: bool) -> None:
    view = samples.cpu_view()
    over = Over((mark(980, 990),))
    plain, _ = chart_rows(panel_content("throughput", view, 0), 60, 12, None, sweep=sweep)
    rows, _ = chart_rows(panel_content("throughput", view, 0), 60, 12, None, sweep=sweep, over=over)
    assert len(rows) == len(plain)
    assert any(style == "disturbed" for row in rows[:-1] for _, style in row)
    assert not any(style == "disturbed" for row in plain for _, style in row)
    assert "├" in text_of(rows[-1])


def test_one_cursor_goes_through_the_chart_with_time_and_values_under_it() -> None:
    view = samples.cpu_view()
    look = with_cursor(frozen_at(view.now_ns), 1, view.now_ns, 80)
    over = Over((), lambda at_ns: f"at {at_ns // SECOND}")
    rows, _ = chart_rows(panel_content("time", view, 0), 60, 12, None, look=look, over=over)
    value = value_at(view.time_p50, look.cursor_ns or 0)
    assert value is not None
    assert f"at 960  {value / 1e6:.4g}" in text_of(rows[-1])
    assert sum("│" in line for line in lines_of(rows[:-1])) >= 1
    assert rows != chart_rows(panel_content("time", view, 0), 60, 12, None, look=LIVE, over=over)[0]


def test_series_in_other_buckets_keep_their_time_and_their_gaps() -> None:
    series = Series(SECOND, 9, (1.0, 3.0, None, None, 5.0))
    assert rescaled(series, 2 * SECOND) == Series(2 * SECOND, 4, (1.0, 3.0, 5.0))
    assert rescaled(replace(series, last=8), 2 * SECOND) == Series(2 * SECOND, 4, (2.0, None, 5.0))
    assert rescaled(series, SECOND // 2) == Series(SECOND // 2, 19, (1.0, 1.0, 3.0, 3.0, *(None,) * 4, 5.0, 5.0))
    assert value_at(series, 6 * SECOND) == 3.0
    assert value_at(series, 20 * SECOND) is None


def test_the_window_that_is_looked_at_is_named_before_marks_in_it() -> None:
    row = text_of(axis_row((Tick(12, 12, "batch = 64"), Tick(2, 18, "window", window=True)), 20))
    assert row == "  ├─window──▲─────┤ "
