"""The clock of a session that is played: pure, and never beyond either end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session.playing.jumps import is_time, jump_ns
from app.session.playing.playback import SPEEDS, Playback, at_end, moved, sped, stepped, toggled

SECOND = 1_000_000_000
FILM = at_end(100 * SECOND, 200 * SECOND)


def test_a_session_is_opened_at_its_end_and_played_again_from_there() -> None:
    assert FILM.now(7) == 200 * SECOND
    assert FILM.state(7) == "at the end"
    again = toggled(FILM, 5 * SECOND)
    assert again.state(5 * SECOND) == "playing"
    assert again.now(5 * SECOND) == 100 * SECOND
    assert again.now(8 * SECOND) == 103 * SECOND


def test_a_pause_holds_the_instant_however_long_it_takes() -> None:
    paused = toggled(toggled(FILM, 0), 3 * SECOND)
    assert paused.state(9 * SECOND) == "paused"
    assert paused.now(10**15) == 103 * SECOND
    assert toggled(paused, 10**15).now(10**15 + SECOND) == 104 * SECOND


def test_another_speed_does_not_move_the_present_instant() -> None:
    fast = sped(toggled(FILM, 0), 2 * SECOND, 2)
    assert fast.speed == 5
    assert fast.now(2 * SECOND) == 102 * SECOND
    assert fast.now(3 * SECOND) == 107 * SECOND
    assert sped(fast, 3 * SECOND, 99).speed == SPEEDS[-1] == 1000
    assert sped(fast, 3 * SECOND, -99).speed == SPEEDS[0] == 0.25


def test_a_jump_plays_on_a_step_stays_and_the_end_stops() -> None:
    playing = toggled(FILM, 0)
    jumped = moved(playing, 0, 150 * SECOND)
    assert jumped.now(SECOND) == 151 * SECOND
    assert stepped(playing, 0, 150 * SECOND).now(SECOND) == 150 * SECOND
    assert jumped.state(99 * SECOND) == "at the end"
    assert moved(FILM, 0, 150 * SECOND).state(9) == "paused"
    assert moved(playing, 0, 10**12).state(9) == "at the end"


@given(
    st.lists(
        st.tuples(st.sampled_from((toggled, moved, stepped, sped)), st.integers(-(10**12), 10**12), st.integers(0, 99))
    )
)
def test_nothing_leads_out_of_the_session(deeds: list[tuple[object, int, int]]) -> None:
    film, clock = FILM, 0
    for deed, to_ns, later in deeds:
        clock += later * SECOND
        if deed is toggled:
            film = toggled(film, clock)
        elif deed is sped:
            film = sped(film, clock, to_ns % 5 - 2)
        else:
            film = (moved if deed is moved else stepped)(film, clock, to_ns)
        assert film.began_ns <= film.now(clock) <= film.ended_ns
        assert film.now(clock) <= film.now(clock + SECOND)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:23", 83), ("0:01:03", 63), ("12", 12), ("1.5", 1.5), ("+10s", 60), ("-5", 45), ("+1m", 100), ("-1h", 0),
        ("50%", 50), (" 100 % ", 100), ("start", 0), ("end", 100), ("+500ms", 50.5), ("99:59", 100),
    ],
)  # fmt: skip
def test_what_is_typed_is_an_instant(text: str, seconds: float) -> None:
    assert is_time(text)
    assert jump_ns(text, FILM, 150 * SECOND) == (100 + seconds) * SECOND


@pytest.mark.parametrize("text", ["", "1:2:3:4", "110%", "+", "5 days", "1:", "%", "12x"])
def test_what_is_no_instant_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"^give [^\n]*$"):
        jump_ns(text, FILM, 0)


def test_a_session_without_a_length_can_be_played_too() -> None:
    film: Playback = toggled(at_end(5, 5), 0)
    assert film.now(SECOND) == 5
    assert film.state(SECOND) == "at the end"
