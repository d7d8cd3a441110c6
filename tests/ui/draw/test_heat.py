"""Many devices and ranks: which of them differs is seen, and everything fits."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from app.session.live.view import EMPTY, RankView
from app.ui.app import Viewer
from app.ui.draw.heat import heat_gauges, heat_page
from app.ui.draw.rows import row_width
from app.ui.widgets.heat import HeatPanel
from tests.ui import samples
from tests.ui.draw.text import lines_of
from tests.ui.draw.why.samples import with_run
from tests.ui.fake import FakeWatch, drive

IDLE = replace(
    samples.h200_device(), device="gpu5", series={"sm_active_percent": samples.series(samples.NOW, 3.0)}, readings={}
)
GPUS = tuple(replace(samples.h200_device(), device=f"gpu{number}") for number in range(5))
RANKS = tuple(
    RankView(rank=number, step=12e6, own=16e6 if number == 3 else 10e6, comm_share=0.1, data_wait_share=0.02)
    for number in range(6)
)
VIEW = with_run(samples.h200_view(gpus=(*GPUS, IDLE)), ranks=RANKS)


@pytest.mark.parametrize("width", [10, 40, 76, 136])
@pytest.mark.parametrize("view", [EMPTY, VIEW, samples.cpu_view(), samples.h200_view()])
def test_it_fits_every_width(view: Any, width: int) -> None:
    for chosen in range(4):
        assert all(row_width(row) <= width for row in heat_page(view, chosen, width))


def test_a_device_that_idles_and_a_rank_that_is_slow_stand_out() -> None:
    lines = lines_of(heat_page(VIEW, 0, 100))
    busy, idle = (next(line for line in lines if line.startswith(f" {name}")) for name in ("gpu0", "gpu5"))
    assert busy.count("▇") + busy.count("█") > 20
    assert idle.count("▁") > 20
    assert idle.rstrip().endswith("–"), "no reading now is a dash"
    assert [line.split()[0] for line in lines if "× the median" in line] == ["3"]


def test_only_gauges_that_there_are_can_be_chosen_and_one_device_has_no_strip() -> None:
    assert heat_gauges(VIEW)[0] == "sm_active_percent"
    assert "temperature_c" not in heat_gauges(VIEW)
    assert "nothing to hold against each other" in "\n".join(lines_of(heat_page(samples.h200_view(), 0, 100)))


def test_h_opens_it_and_another_gauge_is_a_key_away() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("h")
        await pilot.pause()
        assert "SM active of each device" in "\n".join(lines_of(viewer.screen.query_one(HeatPanel)._rows))
        await pilot.press("right")
        await pilot.pause()
        assert "GPU utilization of each device" in "\n".join(lines_of(viewer.screen.query_one(HeatPanel)._rows))

    drive(FakeWatch(VIEW), look)
