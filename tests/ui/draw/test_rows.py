"""Rows: merging, cutting and the words of a border."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.ui.draw.box import box, inner_width
from app.ui.draw.rows import clipped, merged, row_width, trimmed
from tests.ui.draw.text import lines_of, text_of


def test_neighbours_of_one_style_and_blanks_become_one_piece() -> None:
    assert merged((("a", "value"), (" ", ""), ("b", "value"), ("", "label"))) == (("a b", "value"),)


def test_a_reversed_piece_never_spreads_over_blanks() -> None:
    assert merged((("a", "mark"), ("  ", ""))) == (("a", "mark"), ("  ", ""))


def test_words_that_do_not_fit_end_with_an_ellipsis() -> None:
    assert text_of(clipped((("no reading ", "warning"), ("for 12 s", "value")), 13)) == "no reading f…"
    assert text_of(clipped((("模型模型", ""),), 6)) == "模型 …"


def test_trimming_takes_the_blanks_at_the_end_only() -> None:
    assert trimmed(((" a ", "value"), ("  ", ""))) == ((" a", "value"),)
    assert trimmed((("  ", ""),)) == ()


def test_the_border_is_round_and_with_the_focus_its_upper_edge_is_heavy() -> None:
    rows = ((("12.2 ms", "big"),),)
    assert lines_of(box(rows, "Step time", "of 9", 22, 3, focused=False)) == [
        "╭ Step time ── of 9 ─╮",
        "│ 12.2 ms            │",
        "╰────────────────────╯",
    ]
    assert lines_of(box(rows, "Step time", "", 22, 3, focused=True))[0] == "┍ Step time ━━━━━━━━━┑"


def test_a_title_loses_whole_words_and_the_note_goes_first() -> None:
    assert lines_of(box((), "Step time", "of 9", 13, 3, focused=False))[0] == "╭ Step time ╮"
    assert lines_of(box((), "Step time", "of 9", 12, 3, focused=False))[0] == "╭ Step ────╮"


@given(st.text("ab 模é", max_size=30), st.text("xy 9", max_size=12), st.integers(0, 60), st.integers(0, 10))
def test_a_box_is_exactly_as_large_as_asked(title: str, note: str, width: int, height: int) -> None:
    rows = box([clipped(((title, "value"),), inner_width(width))] * 4, title, note, width, height, focused=False)
    assert len(rows) == height
    assert all(row_width(row) == width for row in rows)


@given(
    st.lists(st.tuples(st.text(max_size=8).filter(str.isprintable), st.sampled_from(("value", "label"))), max_size=5),
    st.integers(0, 30),
)
def test_a_clipped_row_is_exactly_as_wide_as_asked(pieces: list[tuple[str, str]], width: int) -> None:
    assert row_width(clipped(merged(pieces), width)) == width
