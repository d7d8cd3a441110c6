"""The steady state in a session's summary: steps and seconds before it, the rate from there, and the warning."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.summary.making import summarise
from app.analysis.summary.report import Summary
from app.analysis.summary.steadiness import Steady, steady_cautions
from app.analysis.summary.text import summary_text
from tests.analysis.journals import journalled
from tests.session.frames import MS, SECOND, hello, measuring, started
from workloads.wire.columns import pack_integers
from workloads.wire.frames import Done, Steps


def summary_of(home: Path, walls_ms: Sequence[float]) -> Summary:
    """Of one run whose steps follow each other."""
    chance = random.Random(1)
    walls = [int(wall * MS * chance.lognormvariate(0, 0.01)) for wall in walls_ms]
    starts = [SECOND + sum(walls[:place]) for place in range(len(walls))]
    columns = Steps(
        run=1,
        start_ns=pack_integers(starts),
        wall_ns=pack_integers(walls),
        samples=pack_integers([4] * len(walls)),
    )
    end = starts[-1] + walls[-1]
    folder = journalled(home, [hello(), started(), measuring(at_ns=SECOND), columns, Done(run=1, at_ns=end)])
    finish(folder)
    return summarise(load(folder))


def test_what_was_not_steady_yet_is_told_with_the_rate_from_there(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, [20.0] * 50 + [10.0] * 450)
    steady = summary.runs[0].steady
    assert steady is not None
    assert (steady.reached, steady.steps, steady.steps_before) == (True, 500, 50)
    assert round(steady.seconds_before, 1) == 1.0
    assert round(steady.samples_per_s or 0) == 400
    assert summary.runs[0].cautions == ()
    assert "after 50 of 500 steps, 1.0" in summary_text(summary, 100).partition("steady ")[2]


def test_a_run_that_was_steady_throughout_says_so(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, [10.0] * 100)
    steady = summary.runs[0].steady
    assert steady is not None
    assert (steady.steps_before, steady.seconds_before) == (0, 0.0)
    assert "from the first measured step on" in summary_text(summary, 100)


def test_a_run_that_never_settles_is_marked(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, [10 + 3 * place / 300 for place in range(300)])
    (caution,) = summary.runs[0].cautions
    assert (caution.kind, caution.run) == ("no-steady-state", 1)
    assert "step time rose by 26" in caution.message
    assert "--warmup" in caution.remedy
    assert "no steady state" in summary_text(summary, 100)
    assert summary.runs[0].steady is not None
    assert summary.runs[0].steady.samples_per_s is None


def test_a_command_is_no_workload_that_is_told_how_long_it_lasts() -> None:
    restless = Steady(reached=False, steps=300, steps_before=290, seconds_before=3.0)
    (caution,) = steady_cautions(1, restless, own=False)
    assert "--" not in caution.remedy


def test_of_few_steps_nothing_is_said(tmp_path: Path) -> None:
    assert summary_of(tmp_path, [10.0] * 20).runs[0].steady is None
