"""The cell diff: whatever was shown before, the terminal shows what it shall, and little is sent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from app.ui.terminal.cells import Cells
from tests.ui.replay import fed, picture

WIDTH, HEIGHT = 12, 3
PLAIN, BLUE = Style(), Style(color="color(32)")
STYLES = (PLAIN, BLUE, Style(bold=True), Style(color="color(32)", bgcolor="color(7)", reverse=True))
TEXTS = st.text(st.sampled_from("ab ⣿─漢語"), max_size=5)
SEGMENTS = st.lists(st.tuples(TEXTS, st.sampled_from(STYLES)).map(lambda pair: Segment(*pair)), max_size=4)
Puts = list[tuple[int, int, list[Segment]]]
PUTS = st.lists(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), SEGMENTS), max_size=4)


def cells() -> Cells:
    return Cells(WIDTH, HEIGHT, ColorSystem.EIGHT_BIT)


@given(st.lists(PUTS, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_changes_one_after_the_other_show_what_one_change_at_the_end_shows(frames: list[Puts]) -> None:
    """Wherever rows are cut and wide characters halved: in pieces or at once, the picture is the same."""
    pieces, whole = cells(), cells()
    blank = [Segment(" " * WIDTH)]
    sent = ""
    for y in range(HEIGHT):
        pieces.put(0, y, blank)
        whole.put(0, y, blank)
    for puts in frames:
        for x, y, segments in puts:
            pieces.put(x, y, segments)
            whole.put(x, y, segments)
        sent += pieces.change()
    assert picture(fed(sent, WIDTH, HEIGHT)) == picture(fed(whole.change(), WIDTH, HEIGHT))


@given(SEGMENTS)
@settings(deadline=None)
def test_a_row_looks_as_rich_draws_it(segments: list[Segment]) -> None:
    strip = Strip(segments).crop_extend(0, WIDTH, None)
    console = Console(color_system="256", force_terminal=True)
    diff = cells()
    diff.put(0, 0, strip)
    assert picture(fed(diff.change(), WIDTH, 1)) == picture(fed(strip.render(console), WIDTH, 1))


def test_nothing_is_sent_for_nothing() -> None:
    diff = cells()
    diff.put(0, 0, [Segment("hello")])
    assert diff.change()
    diff.put(0, 0, [Segment("hello")])
    assert diff.change() == ""


def test_one_digit_costs_a_move_and_a_digit() -> None:
    diff = cells()
    diff.put(0, 1, [Segment("p50 1.23 ms", Style(bold=True))])
    diff.change()
    diff.put(0, 1, [Segment("p50 1.24 ms", Style(bold=True))])
    assert diff.change() == "\x1b[2;8H\x1b[1m4\x1b[0m"


@pytest.mark.parametrize("system", [None, ColorSystem.STANDARD, ColorSystem.EIGHT_BIT])
def test_no_more_colours_are_sent_than_the_terminal_has(system: ColorSystem | None) -> None:
    diff = Cells(WIDTH, HEIGHT, system)
    diff.put(0, 0, [Segment("x", Style(color="#123456"))])
    assert "38;2;" not in diff.change()


def test_what_lies_outside_is_left_out() -> None:
    diff = cells()
    diff.put(WIDTH - 2, 0, [Segment("abcdef")])
    diff.put(0, HEIGHT, [Segment("abcdef")])
    diff.put(WIDTH + 5, 0, [Segment("abcdef")])
    assert picture(fed(diff.change(), WIDTH, HEIGHT)) == picture(fed("\x1b[1;11Hab", WIDTH, HEIGHT))
