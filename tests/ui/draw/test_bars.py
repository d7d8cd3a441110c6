"""Bars: eighths of a cell, each share readable without colour."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.ui.draw.bars import bar, level, levels, share_bars
from app.ui.draw.rows import row_width
from tests.ui.draw.text import text_of

PARTS = [("wait", 2.0, "part-wait"), ("fwd", 33.0, "part-forward"), ("bwd", 65.0, "part-backward")]


def test_a_load_is_one_of_eight_heights() -> None:
    assert "".join(level(percent) for percent in (-1, 0, 13, 50, 99, 100, 250)) == "▁▁▂▅███"


def test_more_processors_than_cells_show_the_busiest_of_each_group() -> None:
    assert levels([0, 100, 0, 0], 2) == "█▁"
    assert levels([0, 100], 5) == "▁█"
    assert levels([], 5) == levels([50], 0) == ""


def test_bars_are_drawn_in_eighths_and_never_vanish() -> None:
    assert [bar(share, 4) for share in (0, 0.0001, 0.25, 0.5, 0.53125)] == ["", "▏", "█", "██", "██▏"]


def test_parts_carry_their_percent_where_there_is_room() -> None:
    assert text_of(share_bars(PARTS, 46)) == "wait 2 % ▎  fwd 33 % ████  bwd 65 % ███████▊"
    assert text_of(share_bars(PARTS, 28)) == "wait ▎ fwd ███▎ bwd ██████▌"


def test_without_room_for_bars_the_largest_parts_keep_their_percent() -> None:
    assert text_of(share_bars(PARTS, 19)) == "bwd 65 %  fwd 33 %"
    assert text_of(share_bars(PARTS, 7)) == ""


def test_no_time_has_no_parts() -> None:
    assert share_bars([("wait", 0.0, "part-wait")], 40) == ()


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=6), st.integers(0, 200))
def test_bars_never_overflow(amounts: list[float], width: int) -> None:
    assert row_width(share_bars([("part", amount, "time") for amount in amounts], width)) <= width
