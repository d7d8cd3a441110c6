"""What `benchtop ls` says of sessions in every state."""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.session.planning.plan import PlannedRun
from app.session.shelf.listing import RunRow, SessionRow, rows_json, session_row
from app.session.shelf.listing_text import headline_text, sessions_text
from app.session.store.folder import SessionFolder, create_session
from app.session.store.lock import hold_lock
from app.session.store.manifest import Headline, Manifest, RunRecord
from tests.session.frames import PLAN
from workloads.wire.frames import Finding

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


def test_a_search_is_told_by_what_it_found_and_not_by_its_tries(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    found = Finding(at_ns=0, kind="search-result", message="highest rate that meets p99<50ms: 412 requests/s")
    folder.write_manifest(Manifest(plan=PLAN, outcome="done", started_ns=1, ended_ns=2, runs=RUNS, findings=(found,)))
    row = session_row(folder)
    assert row.found == found.message
    assert sessions_text([row], 200).splitlines()[2:] == [f"    {found.message}"]


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


def test_repeats_of_one_variant_are_one_line_with_their_mean(tmp_path: Path) -> None:
    runs = tuple(PlannedRun(run=run, workload="train/digits", repeat=run, variant=1) for run in range(1, 5))
    folder = create_session(tmp_path, msgspec.structs.replace(PLAN, runs=runs))
    headlines = (Headline(samples_per_s=rate, accuracy=0.5) for rate in (100.0, 200.0))
    records = (
        *(RunRecord(run=run, outcome="done", headline=headline) for run, headline in enumerate(headlines, start=1)),
        RunRecord(run=3, outcome="failed"),
        RunRecord(run=4, outcome="skipped", reason="known"),
    )
    plan = folder.read_plan()
    folder.write_manifest(Manifest(plan=plan, outcome="failed", started_ns=1, ended_ns=2, runs=records))
    row = session_row(folder)
    assert [run.title for run in row.runs][:2] == ["train/digits #1", "train/digits #2"]
    *_, line = sessions_text([row], 100).splitlines()
    assert line.split("  ") == ["", "", "train/digits 2 × done, 1 × failed", "150 samples/s", "top-1 50.0 %"]


def test_a_manifest_with_a_unit_that_there_is_not_is_unreadable(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    document = msgspec.json.decode(folder.manifest.read_bytes())
    document["runs"][0]["started"] = {"workload": "train/digits", "unit": "parsec"}
    folder.manifest.write_bytes(msgspec.json.encode(document))
    assert session_row(folder).state == "unreadable"
