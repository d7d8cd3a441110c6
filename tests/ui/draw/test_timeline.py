"""The row of a session that is played, cell by cell."""

from __future__ import annotations

from msgspec.structs import replace

from app.session.playing.outline import Kind, Outline, Sign
from app.session.playing.played import Played
from app.ui.draw.rows import row_width
from app.ui.draw.timeline import pointed_ns, position_text, timeline_row

SECOND = 1_000_000_000


def sign(kind: Kind, seconds: int) -> Sign:
    return Sign(at_ns=100 * SECOND + seconds * SECOND, kind=kind, run=1, text=kind)


PLAYED = Played(
    began_ns=100 * SECOND,
    ended_ns=200 * SECOND,
    at_ns=150 * SECOND,
    speed=2.0,
    state="playing",
    outline=Outline((sign("run", 0), sign("phase", 10), sign("mark", 60), sign("phase", 80), sign("verdict", 80))),
)


def text(played: Played | None, width: int, note: str = "") -> str:
    row = timeline_row(played, width, note)
    assert row_width(row) == width
    return "".join(piece for piece, _ in row)


def test_place_length_speed_and_what_happened_stand_in_a_row() -> None:
    row = text(PLAYED, 56)
    assert row.startswith(" playing    00:50.0 of 01:40.0    2×  ")
    bar = row[38:-1]
    assert [bar.index(character) for character in "│┆▲●"] == [0, 1, 9, 12]
    assert bar.count("━") == 6
    assert "●" in bar
    assert text(None, 56).isspace()


def test_the_present_cell_is_marked_whatever_stands_there() -> None:
    at_mark = timeline_row(replace(PLAYED, at_ns=160 * SECOND), 80)
    assert ("▲", "mark") in at_mark


def test_a_narrow_row_has_no_bar_and_a_note_takes_its_place() -> None:
    assert "━" not in text(PLAYED, 40)
    assert "there is no mark" in text(PLAYED, 100, "there is no mark after this instant")
    assert "seeking" in text(replace(PLAYED, seeking=True), 80)


def test_pointing_reaches_both_ends_and_nothing_beside_the_bar() -> None:
    row = text(PLAYED, 100)
    first = row.index("│")
    assert pointed_ns(PLAYED, first, 100) == PLAYED.began_ns
    assert pointed_ns(PLAYED, 98, 100) == PLAYED.ended_ns
    assert pointed_ns(PLAYED, 99, 100) is None
    assert pointed_ns(PLAYED, first - 1, 100) is None


def test_where_one_is_has_the_width_of_the_length() -> None:
    assert position_text(83_450_000_000, 100 * SECOND) == "01:23.4"
    assert position_text(3_683 * SECOND, 7200 * SECOND) == "1:01:23"
    assert position_text(83 * SECOND, 7200 * SECOND) == "0:01:23"
