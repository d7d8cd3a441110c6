"""What is decided between two runs, and what the repeats so far are said to come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from app.analysis.finishing.roll import roll_all
from app.analysis.judging.judge import judge
from app.session.results.judgement import Judgement
from app.session.store.folder import SessionFolder
from app.session.store.lock import hold_lock
from app.session.store.segments import closed_path
from tests.analysis.journals import write_journal
from tests.analysis.repeated import plan_of, repeated, run_frames

NEAR = (100.0, 101.0, 99.0)
FAR = (50.0, 100.0, 75.0)


def judged(folder: SessionFolder, run: int) -> Judgement:
    """As a conductor has it judged, which holds the session."""
    with hold_lock(folder):
        return judge(folder, run)


def test_estimates_are_means_over_runs_with_their_intervals(tmp_path: Path) -> None:
    folder = repeated(tmp_path, plan_of(4), {1: NEAR, 2: (200.0, 200.0)})
    first, second = judged(folder, 6).estimates
    assert (first.variant, first.metric, first.repeats) == (1, "samples_per_s", 3)
    assert first.value == pytest.approx(100.0, rel=1e-6)
    assert first.low is not None
    assert first.high is not None
    assert first.low < min(NEAR) < max(NEAR) < first.high, "of three values, Student's interval is wider than they lie"
    assert (second.repeats, second.low, second.high) == (2, None, None)


@pytest.mark.parametrize(
    ("rates", "until", "run", "skipped"),
    [
        ({1: NEAR, 2: NEAR}, 0.05, 7, True),
        ({1: NEAR, 2: FAR}, 0.05, 7, False),
        ({1: NEAR, 2: NEAR}, 0.01, 7, False),
        ({1: NEAR[:2], 2: NEAR[:2]}, 0.5, 5, False),
        ({1: NEAR, 2: NEAR[:2]}, 0.05, 6, False),
        ({1: (*NEAR, 100.0), 2: NEAR}, 0.05, 8, False),
        ({1: NEAR, 2: (None, None, None)}, 0.05, 7, True),
    ],
    ids=("all", "one of two", "too wide", "too few", "in a round", "in a later round", "never done"),
)
def test_repeats_end_once_every_headline_is_known_and_a_round_is_whole(
    tmp_path: Path, rates: dict[int, tuple[float | None, ...]], until: float, run: int, skipped: bool
) -> None:
    judgement = judged(repeated(tmp_path, plan_of(6, until=until), rates), run)
    assert (judgement.skip is not None) is skipped
    assert judgement.rest is skipped
    assert judgement.findings == ()


def test_what_is_not_known_well_enough_at_the_end_is_a_finding(tmp_path: Path) -> None:
    folder = repeated(tmp_path, plan_of(3, until=0.05), {1: NEAR, 2: FAR})
    judgement = judged(folder, 0)
    assert judgement.skip is None
    wide = [finding for finding in judgement.findings if finding.kind == "interval-too-wide"]
    assert [finding.message.partition(":")[0] for finding in wide] == ["train/digits batch=8"]
    assert wide[0].remedy


def test_what_did_not_fit_the_machine_once_is_not_tried_again(tmp_path: Path) -> None:
    folder = repeated(tmp_path, plan_of(3, optional=True), {1: (100.0,), 2: (None,)})
    assert judged(folder, 3).skip is None
    judgement = judged(folder, 4)
    assert (judgement.skip, judgement.rest) == ("it needs CUDA", False)


def test_a_run_that_has_ended_is_not_read_again(tmp_path: Path) -> None:
    plan = plan_of(4)
    folder = repeated(tmp_path, plan, {1: NEAR[:2], 2: NEAR[:1]})
    memory = judged(folder, 4).memory
    size = folder.journal.stat().st_size
    with folder.journal.open("r+b") as journal:
        journal.write(bytes(size))
    write_journal(folder, run_frames(plan.runs[3], 101.0))
    with hold_lock(folder):
        first, second = judge(folder, 5, memory).estimates
    assert (first.repeats, second.repeats) == (2, 2)
    assert second.value == pytest.approx(100.5, rel=1e-6)


def test_what_was_remembered_changes_no_word_of_a_judgement(tmp_path: Path) -> None:
    plan = plan_of(3, until=0.05)
    rates = {1: NEAR, 2: FAR}
    memory = b""
    for rounds in (1, 2, 3):
        so_far = {variant: values[:rounds] for variant, values in rates.items()}
        folder = repeated(tmp_path / str(rounds), plan, so_far)
        with hold_lock(folder):
            told = judge(folder, 0, memory)
            anew = judge(folder, 0)
        memory = told.memory
        assert told.findings
        assert [replace(each, at_ns=0) for each in told.findings] == [replace(each, at_ns=0) for each in anew.findings]
        assert [each.value for each in told.estimates] == [each.value for each in anew.estimates]


@pytest.mark.parametrize("rolls", [False, True])
def test_it_reads_on_where_the_journal_was_closed_and_rolled_since(tmp_path: Path, *, rolls: bool) -> None:
    plan = plan_of(4)
    folder = repeated(tmp_path / "pieces", plan, {1: NEAR[:2], 2: NEAR[:1]})
    memory = judged(folder, 4).memory
    halves = [plan.runs[3:5], plan.runs[5:6]]
    write_journal(folder, [frame for run in halves[0] for frame in run_frames(run, 101.0)])
    folder.journal.rename(closed_path(folder, 1))
    write_journal(folder, [frame for run in halves[1] for frame in run_frames(run, 102.0)])
    if rolls:
        roll_all(folder)
        assert not closed_path(folder, 1).exists()
    with hold_lock(folder):
        told = judge(folder, 7, memory)
        again = judge(folder, 7, told.memory)
    whole = judged(repeated(tmp_path / "one", plan, {1: (*NEAR[:2], 101.0), 2: (NEAR[0], 101.0, 102.0)}), 7)
    for found in (told, again):
        assert [replace(each, at_ns=0) for each in found.estimates] == [
            replace(each, at_ns=0) for each in whole.estimates
        ]
