"""Charts: exact pictures, and rows that are always as wide as asked."""

from __future__ import annotations

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from app.ui.draw.chart import Chart, Layer, draw_chart, plot_width
from app.ui.draw.labels import axis_text
from app.ui.draw.rows import row_width
from tests.ui.draw.text import lines_of


def chart(*layers: Layer, top: float = 8.0, limit: float | None = None, empty: str = "") -> Chart:
    return Chart(layers=layers, top=top, limit=limit, text=axis_text, empty=empty)


def test_an_area_stands_on_the_axis() -> None:
    assert lines_of(draw_chart(chart(Layer((1, 2, 3, 4, 5, 6, 7, 8), "device")), 4, 2)) == ["  ⣠⣾", "⣠⣾⣿⣿"]


def test_a_measured_zero_is_a_dot_and_a_gap_is_nothing() -> None:
    assert lines_of(draw_chart(chart(Layer((0, None, 8, None), "device")), 2, 2)) == [" ⡇", "⡀⡇"]


def test_a_band_lies_between_its_two_series() -> None:
    band = Layer((2, 2, 3, None), "time", "band", (2, 4, 8, None))
    assert lines_of(draw_chart(chart(band), 2, 2)) == [" ⡇", "⠼⠃"]


def test_a_steep_line_has_no_holes() -> None:
    assert lines_of(draw_chart(chart(Layer((1, 8, 8, 1), "device-second", "line")), 2, 2)) == ["⢸⢱", "⡸⢸"]


def test_a_line_over_an_area_has_its_cells_to_itself() -> None:
    layers = Layer((8, 8, 8, 8), "device"), Layer((None, None, 4, 4), "device-second", "line")
    rows = draw_chart(chart(*layers), 2, 2)
    assert lines_of(rows) == ["⣿⣿", "⣿⠉"]
    assert rows[1] == (("⣿", "device"), ("⠉", "device-second"))


def test_the_limit_is_a_line_behind_the_data_with_its_number_at_the_axis() -> None:
    values = (None,) * 38 + (7.0,) * 2 + (1.0,) * 6
    rows = draw_chart(chart(Layer(values, "memory"), limit=7.0, top=10.0), 29, 5)
    assert lines_of(rows) == [
        "   10 " + " " * 23,
        "    7 " + "┄" * 19 + "⣤" + "┄" * 3,
        "    5 " + " " * 19 + "⣿" + " " * 3,
        "      " + " " * 19 + "⣿" + " " * 3,
        "    0 " + " " * 19 + "⣿" + "⣤" * 3,
    ]
    assert rows[1][0][1] == "limit"


def test_a_limit_beyond_the_axis_is_not_drawn() -> None:
    assert "┄" not in "".join(lines_of(draw_chart(chart(Layer((1, 2), "memory"), limit=9.0), 1, 4)))


def test_a_chart_of_nothing_says_so() -> None:
    empty = chart(Layer((None,) * 40, "device"), empty="no reading yet")
    assert lines_of(draw_chart(empty, 20, 3)) == [" " * 20, "   no reading yet   ", " " * 20]
    assert lines_of(draw_chart(empty, 5, 1)) == [" " * 5]


@given(
    st.tuples(st.integers(1, 200), st.integers(1, 50)),
    st.lists(st.none() | st.floats(0, 1e15), max_size=60),
    st.sampled_from(("area", "line", "band")),
    st.none() | st.floats(0, 1e15),
    st.floats(1e-3, 1e15),
)
def test_every_row_is_exactly_as_wide_as_asked(
    size: tuple[int, int],
    numbers: list[float | None],
    shape: Literal["area", "line", "band"],
    limit: float | None,
    top: float,
) -> None:
    width, height = size
    plot = 2 * plot_width(width)
    values = tuple((numbers + [None] * plot)[:plot])
    layer = Layer(values, "time", shape, values if shape == "band" else ())
    rows = draw_chart(chart(layer, top=top, limit=limit), width, height)
    assert len(rows) == height
    assert {row_width(row) for row in rows} == {width}
