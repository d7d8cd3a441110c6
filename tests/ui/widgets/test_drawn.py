"""The widgets inside a running app: what is sent again, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from textual.color import Color
from textual.geometry import Region
from textual.pilot import Pilot

from app.session.live.view import EMPTY, View
from app.ui.draw.palette import rich_style
from app.ui.draw.rows import Row
from app.ui.widgets.panel import Panel
from app.ui.widgets.plan import PlanLine
from app.ui.widgets.status import StatusLine
from tests.ui import samples
from tests.ui.panels import KINDS, PanelsApp

QUARTER = samples.SECOND // 4


def within(
    scenario: Callable[[PanelsApp, Pilot[None]], Awaitable[None]],
    *,
    source: Callable[[int], View] = samples.h200_view,
    size: tuple[int, int] = (140, 40),
    theme: str = "ansi-dark",
    no_color: bool = False,
) -> None:
    """Run a scenario in a small app."""

    async def run() -> None:
        app = PanelsApp(source)
        app.theme, app.no_color = theme, no_color
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await scenario(app, pilot)

    asyncio.run(run())


def sent(app: PanelsApp) -> list[Region]:
    """Note every region of a panel that differs from what was drawn before, from now on."""
    regions: list[Region] = []
    for panel in app.query(Panel):
        plain = panel._take

        def noting(rows: Sequence[Row], plain: Callable[[Sequence[Row]], list[Region]] = plain) -> list[Region]:
            changed = plain(rows)
            regions.extend(changed)
            return changed

        panel._take = noting  # type: ignore[method-assign]
    return regions


def screen_text(app: PanelsApp) -> list[str]:
    """What the compositor would show."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def test_the_same_view_again_sends_nothing() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        regions = sent(app)
        app.show(samples.NOW, charts=True)
        assert regions == []

    within(scenario)


def test_only_what_changed_of_a_row_is_sent_again() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        regions = sent(app)
        app.show(samples.NOW + QUARTER, charts=False)
        assert regions
        heights = {panel.size.height for panel in app.query(Panel)}
        assert len({region.y for region in regions}) < min(heights) / 2
        assert all(region.height == 1 and region.x > 0 for region in regions)
        assert all(region.width < panel.size.width for region in regions for panel in app.query(Panel))

    within(scenario)


def test_between_two_drawings_of_the_charts_only_numbers_change() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        before = screen_text(app)
        app.show(samples.NOW + 10 * samples.SECOND, charts=False)
        await pilot.pause()
        changed = [y for y, (old, new) in enumerate(zip(before, screen_text(app), strict=True)) if old != new]
        top = app.query_one("#device", Panel).region
        chart = set(range(top.y + 2, top.bottom - 3))
        assert changed
        assert not chart & set(changed)
        app.show(samples.NOW + 10 * samples.SECOND, charts=True)
        await pilot.pause()
        assert chart & {y for y, (old, new) in enumerate(zip(before, screen_text(app), strict=True)) if old != new}

    within(scenario)


def test_what_the_compositor_shows_after_small_changes_is_what_it_shows_when_drawn_anew() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        for tick in range(12):
            app.show(samples.NOW + tick * 3 * QUARTER, charts=True)
            await pilot.pause()
        grown = screen_text(app)
        tops = {panel.kind: panel._top for panel in app.query(Panel)}
        for panel in app.query(Panel):
            panel._drawn_for = None
            panel._chart_of = None
        assert screen_text(app) == grown
        assert {panel.kind: panel._top for panel in app.query(Panel)} == tops

    within(scenario)


def test_a_mouse_click_gives_a_panel_the_focus_and_its_border_shows_it() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        assert "┍ GPU" in "\n".join(screen_text(app))
        await pilot.click("#time")
        await pilot.pause()
        text = "\n".join(screen_text(app))
        assert app.focused is app.query_one("#time")
        assert "╭ GPU" in text
        assert "┍ Step time" in text
        assert text.count("┍") == text.count("┑") == 1

    within(scenario)


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (61, 17), (24, 14), (200, 50)])
def test_at_every_size_the_panels_fill_their_places(size: tuple[int, int]) -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        await pilot.resize_terminal(*size)
        await pilot.pause()
        text = screen_text(app)
        assert len(text) == size[1]
        for panel in app.query(Panel):
            region = panel.region
            corners = [text[region.y][region.x], text[region.bottom - 1][region.right - 1]]
            assert corners in (["┍", "╯"], ["╭", "╯"])
            assert all(strip.cell_length == region.width for strip in panel.render_lines(panel.size.region))

    within(scenario, size=(100, 30))


def test_the_axis_starts_anew_with_another_run_or_gpu_and_stays_otherwise() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        panel = app.query_one("#throughput", Panel)
        assert panel._top == 700_000
        view = samples.h200_view(throughput=samples.series(samples.NOW, 400_000))
        panel.show(view, charts=True)
        assert panel._top == 700_000
        other = samples.serving(state="running")
        panel.show(samples.h200_view(throughput=samples.series(samples.NOW, 400_000), current=other), charts=True)
        assert panel._top == 500_000

    within(scenario)


def test_a_theme_with_a_background_of_its_own_gives_text_that_can_be_read_on_it() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        app.theme = "textual-light"
        await pilot.pause()
        panel = app.query_one("#time", Panel)
        styles = [segment.style for strip in panel.render_lines(panel.size.region) for segment in strip]
        plain = rich_style("value", panel._ground(), colour=True)
        assert plain in styles
        assert plain.bgcolor == panel.background_colors[1].rich_color
        assert plain.color is not None
        assert Color.from_rich_color(plain.bgcolor).brightness > 0.8
        assert Color.from_rich_color(plain.color).brightness < 0.3

    within(scenario, theme="textual-dark")


def test_on_the_terminals_own_background_none_is_sent() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        panel = app.query_one("#device", Panel)
        styles = [segment.style for strip in panel.render_lines(panel.size.region) for segment in strip]
        assert all(style is None or style.bgcolor is None for style in styles)

    within(scenario)


def test_no_color_is_honoured_though_textuals_filters_are_passed_by() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        for widget in (*app.query(Panel), app.query_one(StatusLine), app.query_one(PlanLine)):
            styles = [segment.style for strip in widget.render_lines(widget.size.region) for segment in strip]
            assert all(style is None or style.color is style.bgcolor is None for style in styles)

    within(scenario, theme="textual-dark", no_color=True)


def test_a_row_is_a_few_pieces_so_that_few_bytes_go_down_the_line() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        for kind in KINDS[1:]:
            panel = app.query_one(f"#{kind}", Panel)
            strips = panel.render_lines(panel.size.region)
            assert sum(len(list(strip)) for strip in strips) <= 6 * len(strips)

    within(scenario)


def test_everything_can_be_drawn_before_anything_is_known() -> None:
    async def scenario(app: PanelsApp, pilot: Pilot[None]) -> None:
        text = "\n".join(screen_text(app))
        assert "no reading yet" in text
        assert "benchtop" in text

    within(scenario, source=lambda _: EMPTY)
