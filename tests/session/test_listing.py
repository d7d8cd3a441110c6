"""What `benchtop ls` says of sessions in every state."""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.session.folder import SessionFolder, create_session
from app.session.listing import RunRow, SessionRow, headline_text, rows_json, session_row, sessions_text
from app.session.lock import hold_lock
from app.session.manifest import Headline, Manifest, RunRecord
from tests.session.frames import PLAN

HEADLINE = Headline(samples=400, measured_s=2.0, samples_per_s=12_345.0, p50_ms=1.5, accuracy=0.985)
RUNS = (RunRecord(run=1, outcome="done", headline=HEADLINE), RunRecord(run=2, outcome="skipped"))


def finished(home: Path) -> SessionFolder:
    """A session with a manifest."""
    folder = create_session(home, PLAN)
    folder.write_manifest(Manifest(plan=PLAN, outcome="interrupted", started_ns=1, ended_ns=2, runs=RUNS))
    return folder


def test_a_finished_session_is_told_with_the_headline_of_each_run(tmp_path: Path) -> None:
    row = session_row(finished(tmp_path))
    assert row.state == "interrupted"
    assert [(run.workload, run.outcome, run.headline) for run in row.runs] == [
        ("train/digits", "done", HEADLINE),
        ("infer/digits", "skipped", Headline()),
    ]


def test_a_session_is_running_as_long_as_somebody_holds_it(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    with hold_lock(folder):
        assert session_row(folder).state == "running"
    row = session_row(folder)
    assert row.state == "interrupted"
    assert [run.workload for run in row.runs] == ["train/digits", "infer/digits"]


def test_one_damaged_session_does_not_hide_the_others(tmp_path: Path) -> None:
    good, bad = finished(tmp_path), create_session(tmp_path, PLAN)
    bad.plan.write_text("{")
    rows = [session_row(good), session_row(bad)]
    assert [row.state for row in rows] == ["interrupted", "unreadable"]
    text = sessions_text(rows, 80)
    assert bad.name in text
    assert "cannot be read" in sessions_text(rows, 200)


def test_the_list_fits_its_width(tmp_path: Path) -> None:
    rows = [session_row(finished(tmp_path))]
    for width in (40, 80, 140):
        assert max(map(len, sessions_text(rows, width).splitlines())) <= width
    assert "12,345 samples/s  p50 1.50 ms  top-1 98.5 %" in sessions_text(rows, 80)


def test_without_sessions_the_list_says_how_to_make_one() -> None:
    assert "benchtop run" in sessions_text([], 80)


def test_the_list_as_json_holds_every_row(tmp_path: Path) -> None:
    rows = (session_row(finished(tmp_path)), session_row(create_session(tmp_path, PLAN)))
    assert msgspec.json.decode(rows_json(rows), type=tuple[SessionRow, ...]) == rows


def test_a_run_that_measured_nothing_has_no_headline() -> None:
    assert headline_text(RunRow(run=1, workload="probe/copy")) == ""
