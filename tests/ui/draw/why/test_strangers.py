"""Whatever a stranger's journal says of verdicts, experiments and profiles, it is drawn, and it fits."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.session.live.session import LiveSession
from app.ui.draw.clock import clock_text
from app.ui.draw.panel import Over, chart_rows, panel_content
from app.ui.draw.rows import row_width
from app.ui.draw.slow.page import slow_page
from app.ui.draw.why.lines import draw_verdict
from app.ui.draw.why.page import why_page
from tests.session.frames import PLAN, hello, measuring, started
from tests.wire import strategies as wire
from workloads.wire.frames import AnyFrame


@settings(deadline=None, max_examples=40)
@given(st.lists(wire.frames, max_size=25), st.integers(0, 2**63 - 1))
def test_it_is_drawn_whatever_it_says(frames: list[AnyFrame], now_ns: int) -> None:
    session = LiveSession(PLAN)
    opening: tuple[AnyFrame, ...] = (hello(), started(), measuring())
    for frame in (*opening, *(replace(frame, run=1) for frame in frames)):
        session.feed(frame)
    view = session.view(now_ns)
    run = view.current
    for width, height in ((140, 6), (80, 2), (60, 1)):
        assert [row_width(row) for row in draw_verdict(view, width, height)] == [width] * height
    for width in (36, 130):
        assert all(row_width(row) <= width for row in why_page(view, run, 0, width).rows)
        assert all(row_width(row) <= width for row in slow_page(view, run, 0, width))
    over = Over(view.marks, lambda at_ns: clock_text(view, at_ns, None))
    chart, _ = chart_rows(panel_content("time", view, 0), 60, 12, None, over=over)
    assert all(row_width(row) == 56 for row in chart)
