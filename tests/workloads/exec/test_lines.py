"""What a program writes is told as the lines that a person saw, in any cut, each once."""

from __future__ import annotations

import pytest

from workloads.exec.lines import LONGEST, NOW_AND_THEN_NS, STILL_NS, Lines

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (b"one\ntwo\n", b"one\ntwo\n"),
        (b"one\r\ntwo\r\n", b"one\ntwo\n"),
        (b"10%\r50%\r100%\nnext\n", b"100%\nnext\n"),
        (b"\r10%\r50%\r100%\n", b"100%\n"),
        (b"no end", b"no end\n"),
        (b"50%\r", b"50%\n"),
        (b"", b""),
    ],
)
@pytest.mark.parametrize("piece", [1, 3, 1_000])
def test_in_any_cut(written: bytes, seen: bytes, piece: int) -> None:
    lines = Lines()
    told = b"".join(lines.feed(written[at : at + piece], 0) for at in range(0, len(written), piece))
    assert told + lines.end() == seen


def test_an_unfinished_line_is_told_once_it_stands_still_and_its_rest_by_itself() -> None:
    lines = Lines()
    assert lines.feed(b"loading ...", 0) == b""
    assert lines.tick(STILL_NS // 2) == b""
    assert lines.tick(STILL_NS) == b"loading ...\n"
    assert lines.tick(2 * STILL_NS) == b""
    assert lines.feed(b" done\nnext\n", 3 * STILL_NS) == b" done\nnext\n"


def test_a_progress_bar_is_told_now_and_then_and_in_the_end() -> None:
    lines, told = Lines(), []
    for tenth in range(200):  # twenty seconds, ten turns a second
        now_ns = tenth * SECOND // 10
        lines.feed(f"\r{tenth}/200".encode(), now_ns)
        told.append(lines.tick(now_ns))
    shown = [line for line in told if line]
    assert len(shown) == 20 * SECOND // NOW_AND_THEN_NS - 1
    assert all(line.count(b"\n") == 1 for line in shown)
    assert lines.feed(b"\r200/200\n", 20 * SECOND) == b"200/200\n"


def test_a_line_without_end_is_cut_and_takes_no_memory() -> None:
    lines = Lines()
    for _ in range(100):
        lines.feed(b"x" * 65_536, 0)
    assert len(lines.end()) <= LONGEST + 1
