"""How other hosts' clocks were known, from the journal to what `show` and a screen say of it."""

from __future__ import annotations

from pathlib import Path

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.replay.__main__ import replay
from app.analysis.summary.clocks import ClockSummary
from app.analysis.summary.making import summarise
from app.analysis.summary.text import summary_text
from app.session.live.session import LiveSession
from tests.analysis.journals import journalled, training
from tests.session.frames import PLAN, SECOND, hello
from workloads.wire.frames import ClockAligned, Role


def clock(at_s: int, offset_ns: int, error_ns: int, role: Role = "worker") -> ClockAligned:
    return ClockAligned(
        run=1 if role == "worker" else 0,
        at_ns=at_s * SECOND,
        role=role,
        host="there",
        offset_ns=offset_ns,
        error_ns=error_ns,
    )


CLOCKS = (clock(1, 0, 1_000), clock(2, 50, 300_000), clock(3, 4_000, 1_000), clock(1, 0, 9_000, "sampler"))


def test_first_last_and_largest_of_each_process_are_kept_and_told(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *CLOCKS, *training()))
    finish(folder)
    worker, sampler = folder.read_manifest().clocks
    assert (worker.first, worker.last, worker.largest_error_ns) == (CLOCKS[0], CLOCKS[2], 300_000)
    assert (sampler.first, sampler.last) == (CLOCKS[3], CLOCKS[3])
    summary = summarise(load(folder))
    assert summary.clocks == (ClockSummary(host="there", largest_error_ns=300_000, drift_ppm=2.0, drift_error_ppm=1.0),)
    assert "there within ±0.3 ms, drift +2.0 ± 1.0 µs/s" in summary_text(summary, 100)


def test_a_screen_shows_the_least_known_of_the_newest_live_and_saved(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *CLOCKS, *training()))
    for source in ((hello(), *CLOCKS, *training()), replay(load(folder))):
        session = LiveSession(PLAN)
        for frame in source:
            session.feed(frame)
        assert session.view(10 * SECOND).clock_error_ns == 9_000
    assert LiveSession(PLAN).view(0).clock_error_ns is None
