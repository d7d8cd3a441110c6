"""What a workload prints becomes few, clean lines, however it comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workloads.printed import BURST, LINES_PER_S, LONGEST_LINE, Printed
from workloads.wire.frames import Log

SECOND = 1_000_000_000


def texts(logs: list[Log]) -> list[str]:
    return [log.text for log in logs]


@given(st.lists(st.integers(0, 20), max_size=20))
def test_lines_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    data = "first\n\nsecond – ünï\r\nthird\rfourth".encode()
    printed, logs, place = Printed("stdout", 0), [], 0
    for cut in cuts:
        logs += list(printed.feed(data[place : place + cut], 0))
        place += cut
    logs += list(printed.feed(data[place:], 0))
    logs += list(printed.end(0))
    assert texts(logs) == ["first", "second – ünï", "third", "fourth"]


def test_nothing_that_disturbs_a_terminal_comes_through() -> None:
    printed = Printed("stderr", 0)
    (log,) = printed.feed(b"\x1b[2J\x1b[31mred\x1b[0m\x07 \x9b\xff\x1b]0;title\x07\tend\n", 0)
    assert log.text.isprintable()
    assert "red" in log.text
    assert "31m" not in log.text
    assert "title" not in log.text
    assert log.origin == "stderr"


def test_a_line_without_end_takes_no_memory_and_is_cut() -> None:
    printed = Printed("stdout", 0)
    for _ in range(1_000):
        assert not list(printed.feed(b"x" * 10_000, 0))
    (log,) = printed.feed(b"\n", 0)
    assert log.text == "x" * LONGEST_LINE + " …"


def test_what_is_too_much_is_counted_and_said() -> None:
    printed = Printed("stdout", 0)
    assert len(list(printed.feed(b"line\n" * 10_000, 0))) == BURST
    assert not list(printed.tick(SECOND // 2))
    assert texts(list(printed.tick(SECOND))) == [f"{10_000 - BURST:,} lines left out: too many to keep"]
    assert len(list(printed.feed(b"line\n" * 10_000, SECOND))) == LINES_PER_S
    assert texts(list(printed.end(SECOND))) == [f"{10_000 - LINES_PER_S:,} lines left out: too many to keep"]
