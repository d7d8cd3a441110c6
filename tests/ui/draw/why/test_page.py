"""The page of verdicts: all that a verdict says is on it, and it fits the width."""

from __future__ import annotations

from datetime import UTC

import pytest
from msgspec.structs import replace

from app.session.live.view import EMPTY, View
from app.ui.draw.rows import row_width
from app.ui.draw.why.page import why_page
from tests.ui.draw.text import lines_of
from tests.ui.draw.why.samples import COMPUTE, EFFECT, INPUT, PROFILE, TRANSFER, why_view, with_run

SLOWER = replace(EFFECT, experiment="double-batch", ratio=0.93, low=0.9, high=0.96, over=True)
NEVER = replace(EFFECT, experiment="cuda-graph", ratio=None, low=None, high=None, over=True, reason="it allocates")
FULL = why_view(
    INPUT, TRANSFER, COMPUTE, effects=(EFFECT, SLOWER, NEVER), profiles=(PROFILE, replace(PROFILE, reason="cut short"))
)


def text(view: View, width: int = 136, selected: int = 0) -> str:
    return "\n".join(lines_of(why_page(view, view.current, selected, width, UTC).rows))


@pytest.mark.parametrize("view", [EMPTY, why_view(), why_view(missing=()), FULL])
@pytest.mark.parametrize("width", [10, 40, 56, 76, 136, 200])
def test_it_fits_every_width(view: View, width: int) -> None:
    page = why_page(view, view.current, 0, width)
    assert all(row_width(row) <= width for row in page.rows)
    assert all(0 <= first < after <= len(page.rows) for first, after in page.places)


def test_a_verdict_tells_its_evidence_with_limits_and_sources_and_the_window_it_rests_on() -> None:
    shown = text(FULL)
    assert "data wait         58.2 %        20.0 %  steps" in shown
    assert "22:29:50 to 22:30:00" in shown
    assert "no data wait would give at most 2.39×" in shown
    assert "DataLoader(num_workers=8)" in shown
    assert "high confidence" in shown
    assert "train/digits has no experiment pinned-copies" in shown
    assert "no experiment belongs to it" in shown


def test_what_could_not_be_looked_into_says_what_is_missing() -> None:
    assert "power-capped  no power reading: there is no GPU" in text(FULL)


def test_effects_share_an_axis_around_one_and_say_why_there_is_none() -> None:
    shown = text(FULL).splitlines()
    faster, slower, never = (
        next(line for line in shown if line.startswith(f"  {name} "))
        for name in ("resident-batch", "double-batch", "cuda-graph")
    )
    middle = never.index("│")
    assert faster.index("├") > middle > slower.index("┤")
    assert "0.93× [0.90, 0.96]" in slower
    assert "it allocates" in never


def test_a_profile_tells_operators_gaps_and_its_file() -> None:
    shown = text(FULL)
    assert "10 steps in 120 ms  device busy 67.5 %  profile-1.json.gz 3.24 MiB" in shown
    assert "aten::mm" in shown
    assert "longest: 14.0 ms at 10.0 ms" in shown
    assert "cut short" in shown


def test_of_a_saved_run_nothing_is_offered_that_cannot_be_done() -> None:
    shown = text(with_run(why_view(INPUT), state="done"))
    assert "x tries it: one resident batch" in text(why_view(INPUT))
    assert "not tried: one resident batch" in shown
    assert "x tries it" not in shown


def test_what_is_too_narrow_for_the_verdict_is_told_under_it() -> None:
    rows = text(why_view(INPUT), 60).partition("try ")[0]
    assert "…" not in rows
    assert all(word in rows for word in INPUT.summary.split())
