"""The pace of a line: one frame under way, a bounded one where the line is slow, and no trust in silence."""

from __future__ import annotations

import pytest

from app.ui.terminal.pace import BAD_S, FIRST, HELD_S, KEPT, LONGEST_S, MISSES, PATIENCE_S, SILENT_S, SMALLEST, Pace


class Line:
    """A simulated line: a round trip of its own, and so many bytes a second."""

    def __init__(self, trip_s: float, bytes_per_s: float) -> None:
        self.pace = Pace()
        self.now_s = 100.0
        self._trip_s = trip_s
        self._bytes_per_s = bytes_per_s

    def frame(self, size: int) -> int:
        """Send a frame of at most `size` bytes, and wait for its answer → the bytes that were sent."""
        assert not self.pace.waits(self.now_s)
        sent = size if self.pace.most is None else min(size, self.pace.most)
        assert self.pace.sent(sent, self.now_s)
        self.now_s += self._trip_s + sent / self._bytes_per_s
        self.pace.answered(self.now_s)
        return sent


def test_a_frame_waits_for_the_answer_to_the_one_before() -> None:
    pace = Pace()
    assert pace.sent(100, 0.0)
    assert pace.waits(0.5)
    pace.answered(0.6)
    assert not pace.waits(0.6)


def test_a_terminal_that_never_answers_is_known_within_a_second_and_not_asked_again() -> None:
    pace = Pace()
    pace.sent(100, 0.0)
    assert pace.waits(SILENT_S - 0.01)
    assert not pace.waits(SILENT_S)
    assert SILENT_S <= 1
    assert pace.silent
    assert not pace.sent(100, SILENT_S)
    assert not pace.waits(SILENT_S)


def test_an_answer_that_comes_late_is_an_answer() -> None:
    pace = Pace()
    pace.sent(100, 0.0)
    pace.waits(3.0)
    pace.answered(3.5)
    assert not pace.silent
    assert pace.sent(100, 4.0)
    assert pace.waits(4.1)


def test_a_reader_that_stops_is_sent_less_and_less_and_then_the_present_frame() -> None:
    pace = Pace()
    pace.sent(100, 0.0)
    pace.answered(0.1)
    sent = 0
    pace.sent(100, 1.0)
    for tenth in range(10, 610):
        if not pace.waits(tenth / 10):
            pace.sent(100, tenth / 10)
            sent += 1
    assert sent <= 4
    pace.answered(61.0)
    assert not pace.waits(61.0)
    assert pace.sent(100, 61.0)


def test_a_terminal_that_stopped_answering_for_good_is_taken_for_a_silent_one_in_the_end() -> None:
    pace = Pace()
    pace.sent(100, 0.0)
    pace.answered(0.1)
    now, misses = 1.0, 0
    while not pace.silent:
        pace.sent(100, now)
        wait = min(PATIENCE_S * 2**misses, LONGEST_S)
        assert pace.waits(now + wait - 0.01)
        assert not pace.waits(now + wait)
        now += wait
        misses += 1
    assert misses == MISSES


@pytest.mark.parametrize(("trip_s", "held_s"), [(0.1, HELD_S), (0.6, 0.3)])
def test_a_frame_on_a_slow_line_holds_what_that_takes_in_a_fraction_of_a_second(trip_s: float, held_s: float) -> None:
    line = Line(trip_s, 8000)
    assert line.frame(20_000) == FIRST
    for size in (20_000, 50, *[20_000] * 20):
        line.frame(size)
    assert line.pace.most == pytest.approx(held_s * 8000, rel=0.01)


def test_a_line_that_becomes_faster_is_given_more_again() -> None:
    line = Line(0.1, 8000)
    for size in (50, 20_000, 700, 20_000):
        line.frame(size)
    line._bytes_per_s = 1e9
    for size in range(2 * KEPT):
        line.frame(20_000 - size)
    assert line.pace.most is None


def test_the_slowest_line_is_still_given_a_little() -> None:
    line = Line(0.1, 300)
    for size in (50, 300, 700, 200):
        line.frame(size)
    assert line.pace.most == SMALLEST


@pytest.mark.parametrize("trip_s", [0.001, 0.6])
def test_a_line_that_takes_much_is_soon_given_all_however_far_it_is(trip_s: float) -> None:
    line = Line(trip_s, 1e7)
    assert [line.frame(40_000) for _ in range(5)] == [FIRST, 2 * FIRST, 4 * FIRST, 40_000, 40_000]


def test_only_round_trips_that_are_felt_are_spoken_of() -> None:
    near, far = Line(0.02, 1e6), Line(BAD_S * 2, 1e6)
    for _ in range(5):
        near.frame(100)
        far.frame(100)
    assert near.pace.round_trip_s is None
    assert far.pace.round_trip_s == pytest.approx(BAD_S * 2, rel=0.01)


def test_a_wait_that_was_given_up_is_no_measure_of_the_line() -> None:
    line = Line(0.02, 1e6)
    for _ in range(5):
        line.frame(100)
    line.pace.sent(100, line.now_s)
    assert not line.pace.waits(line.now_s + PATIENCE_S)
    line.pace.sent(100, line.now_s + PATIENCE_S)
    line.pace.answered(line.now_s + 50)
    assert line.pace.round_trip_s is None
    assert line.pace.most == FIRST
