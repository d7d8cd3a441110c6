"""A run that measured several things, summed up: each by its own time and costs, the run by the best of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.summary.case_text import case_lines
from app.analysis.summary.making import link_limit, summarise
from app.analysis.summary.report import CaseSummary, Summary
from app.analysis.summary.text import summary_text
from app.session.live.session import LiveSession
from app.session.shelf.listing import session_row
from app.session.shelf.listing_text import sessions_text
from tests.analysis.journals import journalled
from tests.session.frames import PLAN, SECOND, casewise, hello, started, steps
from workloads.wire.frames import DeviceFacts, Done, Phase

END = (Done(run=1, at_ns=4 * SECOND), Done(run=2, at_ns=4 * SECOND, outcome="skipped", reason="no CUDA here"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def summary(home: Path) -> Summary:
    folder = journalled(home, (hello(), *casewise(), *END, Done(at_ns=5 * SECOND)))
    finish(folder)
    summary = summarise(load(folder))
    assert "best case" not in sessions_text([session_row(folder)], 100)
    assert "20 samples/s  p50 200 ms  (dear)" in sessions_text([session_row(folder)], 100)
    return summary


def test_every_case_has_its_own_time_and_costs(summary: Summary) -> None:
    cheap, dear = summary.runs[0].cases
    assert (cheap.name, cheap.count, cheap.units) == ("cheap", 10, 40)
    assert (cheap.units_per_s, cheap.flops_per_s, cheap.bytes_per_s) == pytest.approx((40, 80, 4000))
    assert (dear.name, dear.count, dear.units) == ("dear", 5, 20), "the warm-up is not in it"
    assert (dear.units_per_s, dear.flops_per_s, dear.bytes_per_s) == pytest.approx((20, 200, 20))
    assert (dear.p50_ms, dear.mfu) == pytest.approx((200, 0.2))


def test_the_run_is_its_best_case(summary: Summary) -> None:
    run = summary.runs[0]
    assert run.best_case == "dear"
    assert (run.flops_per_s, run.counted_bytes_per_s, run.mfu) == pytest.approx((200, 20, 0.2))
    assert run.samples == 60


def test_the_text_says_which_is_the_best_and_shows_all(summary: Summary) -> None:
    text = summary_text(summary, 100)
    assert "best case       dear  (of 2 cases in 2.0 s measured)" in text
    assert "200 FLOP/s  MFU 20.0 %" in text
    table = [line.split() for line in text.splitlines() if "FLOP/s" in line and "MFU" not in line]
    assert table[0][:3] == ["cheap", "80.0", "FLOP/s"]
    assert table[1][:4] == ["*", "dear", "200", "FLOP/s"]
    assert "skipped         no CUDA here" in text
    assert max(map(len, summary_text(summary, 60).splitlines())) <= 60


def test_the_last_columns_go_first_where_there_is_no_room() -> None:
    cases = [CaseSummary(name="a case", count=3, measured_s=1.0, units=3, units_per_s=3.0, bytes_per_s=55e9, p50_ms=1)]
    assert case_lines(cases, "copies", None, 80)[0].split() == ["case", "bytes/s", "copies/s", "step", "p50", "steps"]
    assert case_lines(cases, "copies", "a case", 20) == ["  case      bytes/s", "* a case  55.0 GB/s"]


def test_work_that_all_ranks_do_together_is_counted_once(tmp_path: Path) -> None:
    begun = replace(started(1, SECOND), ranks=2, unit="collective", moves_over="ranks", flops_per_unit=None)
    first = Phase(run=1, at_ns=SECOND, phase="measure", case="1 MiB", bytes_per_unit=1e6)
    both = (steps(SECOND, 10, samples=1), replace(steps(SECOND, 10, samples=0), rank=1))
    told = (hello(), begun, first, replace(first, rank=1), *both, Done(run=1, at_ns=2 * SECOND + 1), END[1])
    folder = journalled(tmp_path, (*told, Done(at_ns=5 * SECOND)))
    finish(folder)
    run = summarise(load(folder)).runs[0]
    assert run.ranks == (), "steps of several cases are not put together"
    (case,) = run.cases
    assert (case.count, case.units) == (10, 10)
    assert (case.units_per_s, case.bytes_per_s) == pytest.approx((10, 1e7))
    session = LiveSession(PLAN)
    for frame in told:
        session.feed(frame)
    live = session.view(3 * SECOND)
    assert (live.runs[0].samples_per_s, live.runs[0].bytes_per_s) == pytest.approx((10, 1e7))
    assert live.bytes_per_s is not None
    assert live.bytes_per_s.values[-1] == pytest.approx(1e7)
    assert "10.0 collectives/s" in summary_text(summarise(load(folder)), 100)


def test_the_links_limit_is_known_where_all_devices_of_the_name_agree() -> None:
    run = replace(started(), moves_over="host-link", device="cuda:0", device_name="a GPU")
    fast = DeviceFacts(device="gpu0", name="a GPU", pcie_generation=5, pcie_width=16)
    slow = replace(fast, device="gpu1", pcie_width=8)
    other = replace(slow, name="another")
    assert link_limit(run, (fast, other)) == pytest.approx(63.015e9, rel=1e-4)
    assert link_limit(run, (fast, slow)) is None
    assert link_limit(replace(run, moves_over="dram"), (fast,)) is None
    assert link_limit(None, (fast,)) is None
