"""The verdict in few rows: what stays when there is little room, and what takes its place."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.session.live.view import EMPTY, View
from app.ui.draw.rows import row_width
from app.ui.draw.why.lines import draw_verdict
from tests.ui import samples
from tests.ui.draw.text import lines_of
from tests.ui.draw.why.samples import COMPUTE, EFFECT, INPUT, TRANSFER, why_view, with_run
from workloads.wire.frames import Missing

VIEWS = (
    EMPTY,
    samples.cpu_view(),
    why_view(),
    why_view(missing=()),
    why_view(INPUT, TRANSFER, COMPUTE),
    why_view(INPUT, effects=(EFFECT,)),
)


def text(view: View, width: int, height: int) -> str:
    return "\n".join(lines_of(draw_verdict(view, width, height)))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("width", "height"), [(140, 6), (80, 2), (60, 1), (20, 1), (16, 6), (0, 2)])
def test_it_fits_whatever_there_is(view: View, width: int, height: int) -> None:
    rows = draw_verdict(view, width, height)
    assert [row_width(row) for row in rows] == [width] * height


def test_in_80_columns_the_verdict_its_number_what_to_try_and_what_it_is_worth_are_there() -> None:
    shown = text(why_view(INPUT, TRANSFER), 80, 2)
    assert INPUT.summary in shown
    assert "DataLoader(num_workers=8)" in shown
    assert "at most 2.39×" in shown


def test_in_one_row_the_verdict_stays_longest_then_its_worth() -> None:
    assert "DataLoader(" in text(why_view(INPUT), 140, 1)
    narrow = text(why_view(INPUT), 64, 1)
    assert INPUT.summary in narrow
    assert "2.39×" in narrow
    assert "DataLoader" not in narrow


def test_with_room_the_evidence_and_the_other_verdicts_are_there() -> None:
    shown = text(why_view(INPUT, TRANSFER, COMPUTE), 140, 6)
    assert "data wait 58.2 % (threshold 20.0 %)" in shown
    assert "also  ⚠ transfer-bound  ✓ compute-bound  2 not looked into" in shown


def test_an_experiment_under_way_tells_how_far_it_is_and_how_to_end_it() -> None:
    shown = text(why_view(INPUT, effects=(EFFECT,)), 80, 2)
    assert "trying resident-batch: 6/20 blocks: 2.21× [1.98, 2.44]  x ends it" in shown


def test_what_was_tried_takes_the_place_of_what_it_would_be_worth_at_most() -> None:
    over = replace(EFFECT, over=True)
    assert "tried: 2.21× [1.98, 2.44]" in text(why_view(INPUT, effects=(over,)), 80, 2)
    assert "tried" not in text(why_view(TRANSFER, effects=(over,)), 80, 2), "that proved another verdict"
    assert "at most 2.39×" in text(why_view(INPUT, effects=(replace(over, ratio=None),)), 80, 2)


def test_a_run_that_is_over_has_no_experiment_under_way() -> None:
    view = with_run(why_view(INPUT, effects=(EFFECT,)), state="done")
    assert "x ends it" not in text(view, 80, 2)


def test_no_verdict_says_why() -> None:
    assert "no verdict yet" in text(samples.cpu_view(), 80, 2)
    assert "nothing found that limits it" in text(why_view(missing=()), 80, 2)
    assert "nothing was measured" in text(with_run(samples.cpu_view(), state="failed", steps=0), 80, 2)
    assert "`benchtop why` works it out" in text(with_run(samples.cpu_view(), state="done"), 80, 2)
    few = Missing("drift", "12 of 20 steps")
    assert "not looked into: drift (12 of 20 steps)" in text(why_view(missing=(few,)), 80, 2)
