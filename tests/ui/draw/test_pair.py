"""Two sessions side by side: both numbers, the second relative to the first, at every size."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.ui.draw.pair.figures import Figure, sheets
from app.ui.draw.pair.panel import change, figure_row
from app.ui.draw.pair.screen import PairLook, draw_pair
from app.ui.draw.rows import row_width
from tests.ui.draw.pair_samples import PAIR


def text(width: int, height: int, look: PairLook = PairLook()) -> str:  # noqa: B008
    rows = draw_pair(PAIR, look, width, height)
    assert len(rows) == height
    assert {row_width(row) for row in rows} == {width}
    return "\n".join("".join(piece for piece, _ in row) for row in rows)


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (61, 17), (180, 60)])
def test_every_size_is_filled(size: tuple[int, int]) -> None:
    for panel in range(4):
        text(*size, PairLook(panel=panel, alone=panel == 2))


@pytest.mark.parametrize("size", [(140, 38), (80, 22)])
def test_each_panel_has_both_and_the_difference(size: tuple[int, int]) -> None:
    lines = text(*size).splitlines()

    def words(start: str) -> list[str]:
        line = next(line for line in lines if f"│ {start} " in line)
        return line.split(f"│ {start} ")[1].split("│")[0].split()

    assert words("samples/s") == ["1,000", "1,250", "+25.0", "%"]
    assert words("p50") == ["10.0", "ms", "8.00", "ms", "-20.0", "%"]
    assert words("CPU") == ["50.0", "%", "62.5", "%", "+12.5", "pt"]
    assert words("fwd now")[-1] == "="
    assert any("host" in line and "=" in line for line in lines)
    assert "drift: slower" in lines[2]
    assert "at most 1.50×" in lines[2]
    assert "no verdict yet" in lines[4]


def test_steps_are_not_held_against_requests() -> None:
    assert PAIR.second.current is not None
    serving = replace(PAIR.second, current=replace(PAIR.second.current, kind="requests"))
    _, _, throughput, time = sheets(PAIR.first, serving)
    assert time.title == "Step time and latency"
    assert throughput.figures[0].label == "units/s"
    assert not any(figure.comparable for figure in (*throughput.figures, *time.figures))


def test_times_of_far_other_sizes_each_have_their_own_unit() -> None:
    one, two = PAIR.first.current, PAIR.second.current
    assert one is not None
    assert one.times is not None
    assert two is not None
    assert two.times is not None
    slow = replace(PAIR.first, current=replace(one, times=replace(one.times, p50=5.45e9)))
    quick = replace(PAIR.second, current=replace(two, times=replace(two.times, p50=3.16e6)))
    median = sheets(slow, quick)[3].figures[0]
    assert (median.text(5.45e9), median.text(3.16e6)) == ("5.45 s", "3.16 ms")


def test_better_and_worse_are_told_where_that_can_be_said() -> None:
    figure = Figure(label="p50", first=10.0, second=12.0, text=str, good="less")
    assert change(figure) == ("+20.0 %", "warning")
    assert change(replace(figure, good="more")) == ("+20.0 %", "good")
    assert change(replace(figure, second=10.05)) == ("+0.5 %", "value")
    assert change(replace(figure, second=None)) == ("–", "label")
    assert change(replace(figure, comparable=False)) == ("–", "label")
    assert change(replace(figure, first=0.0)) == ("–", "label")
    assert change(replace(figure, second=1000.0)) == ("100.0×", "warning")


def test_a_number_without_room_loses_its_unit_and_is_never_cut() -> None:
    figure = Figure(label="worker RSS", first=2300.0, second=None, text=lambda _: "2,300 MHz long", brief=None)
    row = "".join(piece for piece, _ in figure_row(figure, 36))
    assert row.split() == ["RSS", "2,300", "–", "–"]
