"""Two sessions over one time: both equally far, neither ever led back, and each as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session.playing.aligning import aligned
from app.session.playing.instants import told_ns
from app.session.playing.pair import PairPlayer
from app.session.playing.paired import PairView
from app.session.playing.playback import moved, toggled
from app.session.playing.player import Player
from app.session.playing.ways import Courses, Place, Way, ways_of
from tests.analysis.journals import journalled
from tests.session.frames import MS, SECOND, hello, measuring, started, steps
from tests.session.playing.test_tape import session
from workloads.wire.frames import AnyFrame, Done, Phase

LATE = 3 * SECOND


def slow() -> list[AnyFrame]:
    """Twice as long a step, begun 3 s later, with a pause of 4 s behind its 50th step."""
    frames: list[AnyFrame] = [hello(), started(1, LATE), measuring(1, LATE)]
    frames += [steps(LATE + second * SECOND, 5, each_ns=200 * MS) for second in range(10)]
    frames += [Phase(run=1, at_ns=13 * SECOND, phase="evaluate"), measuring(1, 17 * SECOND)]
    frames += [steps((17 + second) * SECOND, 5, each_ns=200 * MS) for second in range(10)]
    return [*frames, Done(run=1, at_ns=27 * SECOND, outcome="done"), Done(at_ns=28 * SECOND, outcome="done")]


def courses(frames: Sequence[AnyFrame]) -> Courses:
    found = Courses()
    for frame in frames:
        found.take(frame, told_ns(frame))
    return found


def own(by: str, common_s: float) -> tuple[float, float]:
    """Where the session of `test_tape` and the slow one are."""
    first, second = ways_of(by, (courses(session()), courses(slow())), ((0, 28 * SECOND), (0, 28 * SECOND)))  # type: ignore[arg-type]
    found = aligned(first, second)
    at_ns = round(common_s * SECOND)
    return round(found.own_ns(0, at_ns) / SECOND, 3), round(found.own_ns(1, at_ns) / SECOND, 3)


def test_by_time_both_are_equally_long_after_their_start() -> None:
    first, second = Way((Place(0, 5), Place(10, 15))), Way((Place(0, 100), Place(30, 130)))
    found = aligned(first, second)
    assert found.length_ns == 30
    assert [(found.own_ns(0, at), found.own_ns(1, at)) for at in (0, 7, 20, 99)] == [
        (5, 100), (12, 107), (15, 120), (15, 130),
    ]  # fmt: skip
    assert found.common_ns(1, 117) == 17


def test_by_step_both_have_done_as_many() -> None:
    assert own("step", 3) == (0, 3), "one waits for the other"
    assert own("step", 3 + 10) == (5, 13), "50 steps each"
    assert own("step", 3 + 14) == (5, 17), "and again while the other does something else"
    assert own("step", 3 + 14 + 10) == (10, 27)


def test_by_progress_both_have_measured_the_same_share() -> None:
    assert own("progress", 3) == (0, 3)
    assert own("progress", 3 + 10) == (10, 13)
    assert own("progress", 3 + 14) == (10, 17)


PLACES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12)


@given(PLACES, PLACES)
def test_no_session_is_ever_led_back_or_played_too_fast(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    ways = []
    for steps_of in (one, two):
        far = at_ns = 0
        places = []
        for more, took_ns in steps_of:
            far, at_ns = far + more, at_ns + took_ns
            places.append(Place(far, at_ns))
        ways.append(Way(places))
    found = aligned(*ways)
    for side in (0, 1):
        instants = [found.own_ns(side, at_ns) for at_ns in range(found.length_ns + 1)]
        assert all(0 <= later - earlier <= 1 for earlier, later in pairwise(instants))
        assert instants[-1] == ways[side].places[-1].at_ns
        for at_ns in range(found.length_ns + 1):
            again = found.common_ns(side, found.own_ns(side, at_ns))
            assert found.own_ns(side, again) == found.own_ns(side, at_ns)


class Clock:
    """Moves when it is told to."""

    now = 0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[PairPlayer]:
    """Both on disk."""
    clock = Clock()
    one, two = (player(tmp_path / str(n), frames, clock) for n, frames in enumerate((session(), slow())))
    with closing(one), closing(two):
        yield PairPlayer(one, two, clock)


def player(home: Path, frames: Sequence[AnyFrame], clock: Clock) -> Player:
    return Player(journalled(home, frames), clock)


def settled(pair: PairPlayer, now_ns: int) -> PairView:
    view = pair.look(now_ns)
    while view.catching_up is not None or view.played is None or view.played.seeking:
        view = pair.look(now_ns)
    return view


def counts(view: PairView) -> tuple[int, int]:
    assert view.first.current is not None
    assert view.second.current is not None
    return view.first.current.steps, view.second.current.steps


def test_both_stand_at_their_end_and_go_together(pair: PairPlayer) -> None:
    view = settled(pair, 0)
    assert view.played is not None
    assert view.played.state == "at the end"
    assert (view.first.state, view.second.state) == ("done", "done")
    assert pair.playback is not None
    pair.playback = moved(pair.playback, 0, 13 * SECOND)
    assert counts(settled(pair, 0)) == (130, 50)
    pair.align()
    view = settled(pair, 0)
    assert counts(view)[0] == 130, "the first one stays"
    assert counts(view)[1] == 100, "it never did more"
    pair.playback = moved(pair.playback, 0, 13 * SECOND)
    assert counts(settled(pair, 0)) == (50, 50)
    pair.playback = toggled(pair.playback, 0)
    assert counts(settled(pair, 5 * SECOND)) == (55, 55)
    assert [sign.text for sign in pair.outline.signs if sign.kind == "run"] == [
        "A train/digits", "B train/digits", "A infer/digits",
    ]  # fmt: skip


def test_a_step_is_the_next_of_either(pair: PairPlayer) -> None:
    settled(pair, 0)
    assert pair.playback is not None
    pair.playback = moved(pair.playback, 0, 5 * SECOND + 50 * MS)
    settled(pair, 0)
    assert pair.step_ns(1) == 5 * SECOND + 100 * MS
    assert pair.step_ns(-1) == 5 * SECOND
