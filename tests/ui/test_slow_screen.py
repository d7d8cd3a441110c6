"""The slowest steps on a screen of their own, and the charts around one of them."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from app.session.live.view import EMPTY, SlowSample
from app.ui.app import Viewer
from app.ui.draw.rows import row_width
from app.ui.draw.slow.page import slow_page
from app.ui.screens.live import LiveScreen
from app.ui.widgets.panel import Panel
from app.ui.widgets.slow import SlowPanel
from tests.ui import samples
from tests.ui.draw.text import lines_of
from tests.ui.draw.why.samples import with_run
from tests.ui.fake import FakeWatch, drive
from workloads.wire.frames import Event

AT = samples.NOW - 30 * samples.SECOND
COLLECTION = Event(run=1, at_ns=AT + 10**6, kind="garbage-collection", wall_ns=150_000_000, text="generation 2")
SLOW = (
    SlowSample(AT, 243_400_000, 0, (("data_wait", 10_000_000), ("forward", 200_000_000)), (COLLECTION,)),
    SlowSample(AT + 5 * samples.SECOND, 40_000_000, 0, (("data_wait", 30_000_000), ("forward", 5_000_000))),
)
VIEW = with_run(samples.cpu_view(), slow=SLOW)
VIEW = replace(VIEW, log=(replace(VIEW.log[0], at_ns=AT + 10**8, text="saved a checkpoint"), *VIEW.log))


@pytest.mark.parametrize("width", [10, 56, 76, 136])
@pytest.mark.parametrize("view", [EMPTY, VIEW, samples.cpu_view(), with_run(samples.h200_view(), slow=SLOW)])
def test_it_fits_every_width(view: Any, width: int) -> None:
    assert all(row_width(row) <= width for row in slow_page(view, view.current, 0, width))


def test_it_tells_how_slow_why_and_what_was_around() -> None:
    text = "\n".join(lines_of(slow_page(VIEW, VIEW.current, 0, 136, UTC)))
    assert "243 ms" in text
    assert "20.0×" in text, "of the median step"
    assert "garbage-collection 150 ms  generation 2" in text
    assert "saved a checkpoint" in text
    assert "epoch 3" not in text, "that was at another time"
    assert "host    CPU " in text
    assert "(mean " in text
    assert "wait 30.0 ms" in text, "the largest part of the other"


def test_s_opens_it_and_enter_goes_to_the_charts_around_the_marked_one() -> None:
    async def look(viewer: Viewer, pilot: Pilot[Any]) -> None:
        await pilot.press("o", "down")
        await pilot.pause()
        text = lines_of(viewer.screen.query_one(SlowPanel)._rows)
        assert [line[2] for line in text if "40.0 ms" in line][:1] == ["▸"]
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(viewer.screen, LiveScreen)
        assert "window" in "\n".join(lines_of(viewer.screen.query_one("#time", Panel)._rows))

    drive(FakeWatch(VIEW), look)
