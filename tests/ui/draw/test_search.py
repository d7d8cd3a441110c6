"""The search panel: the border so far, the tries as points and rows, and that nothing overflows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.session.live.view import EMPTY, Good, RunView, View
from app.ui.draw.palette import NAMES
from app.ui.draw.rows import row_width
from app.ui.draw.search import draw_search
from app.ui.terminal.plain import PLAIN
from tests.ui.draw.text import lines_of

TRIES = ((50.0, True), (100.0, True), (200.0, False), (141.0, None))


def searching(*tries: tuple[float, bool | None]) -> View:
    """A search after a closed loop, with these tries and one that is planned."""
    runs = [
        RunView(
            run=place,
            workload="infer/gpt",
            state="running" if met is None else "done",
            rate=rate,
            met=met,
            verdict="" if met is None else f"{rate:g} requests/s: p99<50ms met: 41.2 ms",
            good=Good(98, 100),
            measured_s=2.0,
            phase="measure",
        )
        for place, (rate, met) in enumerate(tries, start=2)
    ]
    begin = RunView(run=1, workload="infer/gpt", state="done")
    planned = RunView(run=99, workload="infer/gpt")
    return View(name="search", now_ns=0, search=True, slo="p99<50ms", runs=(begin, *runs, planned))


def text(view: View, width: int = 140, height: int = 8) -> str:
    return "\n".join(lines_of(draw_search(view, width, height)))


def test_the_headline_names_both_sides_of_the_border() -> None:
    lines = text(searching(*TRIES)).splitlines()
    assert "Search p99<50ms" in lines[0]
    assert "try 4 of at most 5" in lines[0]
    assert "✓ 100 requests/s meets it" in lines[1]
    assert "✗ 200 requests/s does not" in lines[1]


def test_the_result_takes_the_place_of_the_headline() -> None:
    view = replace(searching(*TRIES[:3]), found="highest rate that meets p99<50ms: 100 requests/s")
    assert "highest rate that meets" in text(view).splitlines()[1]


def test_tries_are_points_over_a_logarithmic_axis() -> None:
    (line,) = (line for line in text(searching(*TRIES)).splitlines() if "─✓─" in line)
    marks = [place for place, letter in enumerate(line) if letter in "✓✗▶"]
    assert "".join(line[place] for place in marks) == "✓✓▶✗"
    assert marks[1] - marks[0] == pytest.approx(marks[3] - marks[1], abs=1), "from 50 to 100 as far as from 100 to 200"


def test_the_newest_try_comes_first_with_its_goodput_and_verdict() -> None:
    rows = [line for line in text(searching(*TRIES)).splitlines() if " good " in line]
    assert [row.split()[1] for row in rows] == ["4", "3", "2", "1"]
    assert "good 49.0/s, 98.0 %" in rows[0]
    assert "measure" in rows[0]
    assert "p99<50ms met: 41.2 ms" in rows[1]


@pytest.mark.parametrize(("width", "height"), [(140, 8), (80, 4), (60, 4), (20, 3), (10, 5)])
@pytest.mark.parametrize("view", [searching(*TRIES), searching(), searching((5.0, None)), EMPTY])
def test_every_row_is_exactly_as_wide_as_asked(view: View, width: int, height: int) -> None:
    rows = draw_search(view, width, height)
    assert len(rows) == height
    assert {row_width(row) for row in rows} == {width}
    assert {style for row in rows for _, style in row} <= NAMES
    assert "\n".join(lines_of(rows)).translate(PLAIN).isascii()


@pytest.mark.parametrize("rate", [0.0, float("inf"), float("nan"), -1.0])
def test_a_rate_that_makes_no_sense_is_no_try(rate: float) -> None:
    view = searching((5.0, True))
    runs = (*view.runs, replace(view.runs[1], rate=rate))
    assert "try 1 of" in text(replace(view, runs=runs))
