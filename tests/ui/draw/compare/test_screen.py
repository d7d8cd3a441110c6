"""The compare screen drawn to any size: every panel says its numbers, and no row is too long."""

from __future__ import annotations

import pytest

from app.ui.draw.compare.gauges import stretched
from app.ui.draw.compare.screen import PANELS, Look, Panel, draw_comparison
from app.ui.draw.rows import row_width
from tests.ui.draw.compare.samples import COMPARISON
from tests.ui.draw.text import lines_of


def drawn(look: Look, width: int, height: int) -> str:
    return "\n".join(lines_of(draw_comparison(COMPARISON, look, width, height)))


@pytest.mark.parametrize("width", [20, 60, 80, 109, 110, 140, 200])
@pytest.mark.parametrize("height", [3, 16, 24, 30, 40])
@pytest.mark.parametrize("panel", PANELS)
def test_it_is_exactly_as_large_as_asked(width: int, height: int, panel: Panel) -> None:
    rows = draw_comparison(COMPARISON, Look(panel=panel), width, height)
    assert len(rows) == height
    assert {row_width(row) for row in rows} == {width}


def test_where_there_is_room_all_panels_stand_together() -> None:
    text = drawn(Look(), 140, 40)
    for words in ("Verdicts", "Differences", "Distributions", "Mean step", "Gauges"):
        assert words in text
    assert "NOT COMPARABLE: driver" in text
    assert "20300102-000000-new#2" in text
    assert "▲ better" in text
    assert "▼ worse" in text
    assert "= same ±1.0 %" in text
    assert "? cannot tell" in text
    assert "+11.0 % to +13.0 %" in text
    assert "5 against 3 runs" in text


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        ("verdicts", "throughput"),
        ("differences", "driver 580.1 → 590.2  other launch costs"),
        ("distribution", "p50 11.0 ms → 17.0 ms +54.5 %"),
        ("phases", "+50.0 %"),
        ("gauges", "gpu0 SM active"),
    ],
)
def test_on_a_small_screen_each_panel_is_alone(panel: Panel, words: str) -> None:
    text = drawn(Look(panel=panel), 80, 24)
    assert words in text
    assert text.count("╰") == 1


def test_gauges_go_by_time_or_by_step_and_what_is_nothing_is_left_out() -> None:
    assert "12.5 s" in drawn(Look(panel="gauges"), 80, 24)
    assert "4,000 steps" in drawn(Look(panel="gauges", by_step=True), 80, 24)
    assert "no readings" in drawn(Look(panel="gauges", gauge=1), 80, 24)
    assert "swap" not in drawn(Look(panel="gauges"), 80, 24)


def test_another_pair_has_nothing_and_says_so() -> None:
    text = drawn(Look(pair=1), 140, 40)
    assert "2/2" in text
    assert "no metric that both have" in text
    assert "nothing that is known differs" in text
    assert "no readings while they were measured" in text


def test_parts_without_a_reading_are_bridged_between_two_that_have_one_alone() -> None:
    assert stretched((None, 1.0, None, 3.0, None), 5) == (None, 1.0, 2.0, 3.0, None)
    assert stretched((1.0, 3.0), 4) == (1.0, 1.0, 3.0, 3.0)
