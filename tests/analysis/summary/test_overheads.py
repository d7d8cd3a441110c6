"""benchtop's own cost: the last word of each process counts, and shares are of the time that each ran."""

from __future__ import annotations

from pathlib import Path

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.summary.making import summarise
from app.analysis.summary.overheads import OverheadReport, ProcessCost, overhead_report, overhead_text
from app.analysis.summary.text import summary_text
from tests.analysis.journals import journalled, whole
from tests.session.frames import SECOND
from workloads.wire.frames import Overhead

CONDUCTOR = Overhead(at_ns=8 * SECOND, role="conductor", pid=1, cpu_s=0.04, wall_s=10.0)
SAMPLERS = (
    Overhead(at_ns=2 * SECOND, role="sampler", pid=2, host="a", cpu_s=0.01, wall_s=1.0),
    Overhead(at_ns=3 * SECOND, role="sampler", pid=2, host="a", cpu_s=0.11, wall_s=10.0),
    Overhead(at_ns=3 * SECOND, role="sampler", pid=2, host="b", cpu_s=0.13, wall_s=10.0),
)
VIEWERS = (
    Overhead(at_ns=2 * SECOND, role="viewer", pid=3, cpu_s=0.2, wall_s=8.0, bytes_to_terminal=10_000),
    Overhead(at_ns=2 * SECOND, role="viewer", pid=4, cpu_s=0.03, wall_s=2.0),
)
WORKERS = (
    Overhead(run=1, at_ns=4 * SECOND, role="worker", pid=5, cpu_s=0.001, wall_s=5.0, rows=28),
    Overhead(run=2, at_ns=5 * SECOND, role="worker", pid=6, cpu_s=0.001, wall_s=5.0, rows=5),
)


def test_it_is_kept_told_and_in_the_document(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (*whole()[:-1], CONDUCTOR, *SAMPLERS, *VIEWERS, *WORKERS, whole()[-1]))
    assert len(finish(folder).overheads) == 7, "the last of each process"
    summary = summarise(load(folder))
    assert summary.overhead == OverheadReport(
        conductor=ProcessCost(processes=1, cpu_s=0.04, core_fraction=0.004),
        sampler=ProcessCost(processes=2, cpu_s=0.24, core_fraction=0.012),
        viewer=ProcessCost(processes=2, cpu_s=0.23, core_fraction=0.023),
        bytes_to_terminal=10_000,
        terminal_bytes_per_s=1250.0,
        worker=ProcessCost(processes=2, cpu_s=0.002, core_fraction=0.0002),
        rows=33,
    )
    told = "conductor 0.4 % of a core, sampler 1.2 %, viewer 2.3 %, 1.25 kB/s to the terminal; in the worker 0.02 %"
    assert f"own cost        {told} of its time" in summary_text(summary, 200)


def test_what_nobody_told_is_left_out() -> None:
    assert overhead_report(()) is None
    alone = overhead_report(WORKERS[:1])
    assert alone is not None
    assert (alone.viewer, alone.bytes_to_terminal) == (None, None)
    assert overhead_text(alone) == "in the worker 0.02 % of its time"
