"""How one looks at the charts: what keys do to the stretch of time that they show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.session.live.buckets import BUCKET_NS
from app.ui.draw.look import (
    COARSEST,
    FINEST,
    LIVE,
    dragged,
    frozen_at,
    on_all,
    on_window,
    panned,
    with_cursor,
    zoomed,
)

NOW = 1_000 * BUCKET_NS
COLUMNS = 120


def test_a_window_is_in_the_middle_and_marked_and_a_long_one_is_seen_whole() -> None:
    look = on_window(500 * BUCKET_NS, 510 * BUCKET_NS, NOW, COLUMNS)
    assert look.state == "frozen"
    assert (look.window, look.zoom, look.end_ns) == ((500 * BUCKET_NS, 510 * BUCKET_NS), 0, 565 * BUCKET_NS)
    whole = on_window(0, NOW, NOW, COLUMNS)
    assert COLUMNS * whole.column_ns >= NOW


def test_the_picture_never_ends_after_now() -> None:
    assert on_window(NOW - 10 * BUCKET_NS, NOW, NOW, COLUMNS).end_ns == NOW
    assert panned(frozen_at(NOW), 1, NOW, COLUMNS).end_ns == NOW


def test_all_is_wide_enough_for_all_and_goes_on() -> None:
    look = on_all(0, NOW, COLUMNS)
    assert look.state == "all"
    assert look.end_ns is None
    assert COLUMNS * look.column_ns >= NOW


def test_what_is_under_the_cursor_stays_where_it_is_when_one_zooms() -> None:
    look = with_cursor(frozen_at(NOW), 1, NOW, COLUMNS)
    near = zoomed(look, -1, NOW, COLUMNS)
    assert near.cursor_ns == look.cursor_ns == NOW - COLUMNS // 2 * BUCKET_NS
    assert near.end_ns == NOW - COLUMNS // 4 * BUCKET_NS


@given(st.lists(st.sampled_from(["in", "out", "back", "on", "left", "right", "pull"]), max_size=40))
def test_whatever_keys_are_pressed_the_look_is_sound(keys: list[str]) -> None:
    look = LIVE
    for key in keys:
        by = 1 if key in ("out", "on", "right") else -1
        if key in ("in", "out"):
            look = zoomed(look, by, NOW, COLUMNS)
        elif key in ("back", "on"):
            look = panned(look, by, NOW, COLUMNS)
        elif key == "pull":
            look = dragged(look, 7, NOW)
        else:
            look = with_cursor(look, by, NOW, COLUMNS)
        assert FINEST <= look.zoom <= COARSEST
        assert look.state in ("live", "frozen")
        assert look.column_ns > 0
