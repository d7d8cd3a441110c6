"""The roofline's picture and table: what is named, where a run stands, and that nothing overflows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.session.live.view import EMPTY, RunView, View
from app.ui.draw.palette import NAMES
from app.ui.draw.roofline import draw_roofline
from app.ui.draw.roofline_content import RooflineContent, Spot, roofline_content
from app.ui.draw.rows import row_width
from app.ui.terminal.plain import PLAIN
from tests.telemetry import h200
from tests.ui import samples
from tests.ui.draw.text import lines_of

VIEW = samples.probed_view()
SIZES = ((140, 40), (80, 24), (60, 16))


def content(view: View = VIEW, turn: int = 0) -> RooflineContent:
    return roofline_content(view, turn)


def text(given_: RooflineContent, width: int = 140, height: int = 39, first: int | None = None) -> str:
    return "\n".join(lines_of(draw_roofline(given_, width, height, first)))


def place_of(given_: RooflineContent, words: str) -> tuple[int, int]:
    """Column and row of the first of these words."""
    rows = text(given_).splitlines()
    y = next(number for number, row in enumerate(rows) if words in row)
    return rows[y].index(words), y


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("view", [VIEW, samples.probed_view(rooflines=()), samples.cpu_view(), EMPTY])
def test_every_row_is_exactly_as_wide_as_asked(view: View, width: int, height: int) -> None:
    rows = draw_roofline(content(view), width, height)
    assert len(rows) == height
    assert {row_width(row) for row in rows} == {width}
    assert {style for row in rows for _, style in row} <= NAMES
    assert "\n".join(lines_of(rows)).translate(PLAIN).isascii()


def test_the_roof_names_each_precision_the_bandwidth_and_the_data_sheet() -> None:
    shown = text(content())
    for words in (
        "Roofline NVIDIA H200",
        "bfloat16 742 TFLOP/s",
        "float32 52.0 TFLOP/s",
        "4,266 GB/s",
        "data sheet bfloat16, float16 989 TFLOP/s",
        "DRAM limit 4,814 GB/s",
        "FLOP/byte",
        "measured by 20300101-000000-probe; dotted: data sheet",
        "not DRAM traffic",
    ):
        assert words in shown, shown


def test_a_run_stands_at_its_intensity_and_rate_and_in_the_table() -> None:
    shown = content()
    (matmul, serve, train) = shown.spots
    assert (train.intensity, train.flops_per_s, train.bound, train.present) == (200.0, 538_427 * 8e8, "compute", True)
    assert train.share == pytest.approx(538_427 * 8e8 / 742e12)
    assert serve.bound == "memory"
    assert serve.share == pytest.approx(12e12 / (6 * 4266e9))
    assert matmul.share == pytest.approx(1.0, rel=0.01)
    (x1, y1), (x2, y2), (x3, y3) = (place_of(shown, f"×{number}") for number in (1, 2, 3))
    assert x2 < x3 < x1, "the more FLOP a byte, the further to the right"
    assert y1 < y3 < y2, "the faster, the higher"
    lines = text(shown).splitlines()
    assert any(line.split()[1:8] == ["3", "train/digits", "200", "431", "TFLOP/s", "58.1", "%"] for line in lines)
    assert any("46.9 % memory" in line for line in lines)


def test_runs_in_one_cell_share_a_cross() -> None:
    spot = content().spots[1]
    assert "×2,7" in text(replace(content(), spots=(spot, replace(spot, run=7))))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_without_a_roofline_the_data_sheet_is_there_and_how_to_measure(width: int, height: int) -> None:
    shown = text(content(samples.probed_view(rooflines=())), width, height)
    assert "`benchtop run probe` measures" in shown
    assert "data sheet bfloat16 989 TFLOP/s" in shown
    assert "DRAM limit 4,814 GB/s" in shown
    assert "×3" in shown
    assert "memory" not in shown


def test_a_roof_of_this_session_says_so_and_one_without_bandwidth_is_flat() -> None:
    own = replace(samples.ROOFLINE, session="", bytes_per_s=None)
    shown = content(samples.probed_view(rooflines=(own,)))
    assert "this session's probes" in text(shown)
    assert "bfloat16 742 TFLOP/s" in text(shown)
    assert all(spot.share is None for spot in shown.spots)


def test_what_has_no_flops_or_moves_elsewhere_is_no_point() -> None:
    run = VIEW.runs[2]
    for begun in (
        samples.started(device_name=h200.NAME, flops_per_unit=None),
        samples.started(device_name=h200.NAME, bytes_per_unit=None),
        samples.started(device_name=h200.NAME, moves_over="host-link"),
    ):
        view = samples.probed_view(runs=(replace(run, started=begun),))
        assert content(view).spots == ()
        assert "no run with FLOPs and bytes yet" in text(content(view))


def test_a_run_on_several_devices_is_shown_by_one_of_them() -> None:
    run = VIEW.runs[2]
    assert run.started is not None
    many = replace(run, devices=4, samples_per_s=4.0, flops_per_s=32e8)
    (spot,) = content(samples.probed_view(runs=(many,))).spots
    assert (spot.flops_per_s, spot.devices) == (8e8, 4)
    assert "each of 4 devices" in text(content(samples.probed_view(runs=(many,))))


def test_each_device_has_its_own_roof_and_the_present_runs_comes_first() -> None:
    on_cpu = RunView(run=1, workload="train/digits", host="bench", state="done", started=samples.started())
    view = samples.probed_view(runs=(on_cpu, VIEW.runs[2]))
    assert (content(view).device_name, content(view).place) == (h200.NAME, 1)
    other = content(view, 1)
    assert (other.device_name, other.place, other.roofline) == ("CPU", 0, None)
    assert "1 of 2" in text(other)
    elsewhere = samples.probed_view(runs=(replace(VIEW.runs[2], host="far"),))
    assert content(replace(elsewhere, current=elsewhere.runs[0])).roofline is None


def test_before_any_run_the_roof_of_this_host_is_shown() -> None:
    assert content(replace(EMPTY, host="bench", rooflines=(samples.ROOFLINE,))).roofline == samples.ROOFLINE


def test_a_long_table_is_cut_and_can_be_scrolled() -> None:
    spot = content().spots[0]
    many = replace(content(), spots=tuple(replace(spot, run=number) for number in range(1, 31)))
    assert "22 after" in text(many, 80, 23)
    going = replace(many, spots=(*many.spots[:-1], replace(many.spots[-1], present=True)))
    assert " 30  probe/matmul" in text(going, 80, 23), "the present run is seen"
    last = text(many, 80, 23, first=29)
    assert " 30  probe/matmul" in last
    assert "22 before" in last


@settings(max_examples=25)
@given(st.data(), st.integers(1, 160), st.integers(1, 45))
def test_nothing_ever_overflows(data: st.DataObject, width: int, height: int) -> None:
    numbers = st.floats(min_value=0, max_value=1e300, exclude_min=True)
    spots = data.draw(st.lists(st.tuples(numbers, numbers, st.text(max_size=8)), max_size=4))
    roofline = replace(
        samples.ROOFLINE,
        flops_per_s=data.draw(st.dictionaries(st.text(max_size=5), st.floats(0, 1e300), max_size=3)),
        bytes_per_s=data.draw(st.none() | numbers),
    )
    drawn = RooflineContent(
        device_name=data.draw(st.sampled_from(("", "NVIDIA H200", "漢語"))),
        roofline=data.draw(st.sampled_from((None, roofline))),
        dram_limit_bytes_per_s=data.draw(st.none() | numbers),
        spots=tuple(
            Spot(run=number, workload=name, precision=name, devices=1, intensity=x, flops_per_s=y, share=0.5)
            for number, (x, y, name) in enumerate(spots, start=1)
        ),
    )
    rows = draw_roofline(drawn, width, height)
    assert len(rows) == height
    assert {row_width(row) for row in rows} <= {width}
