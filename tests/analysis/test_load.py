"""A session is shown in whatever state it is: finished, going on, or one that could not be finished."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.show import show
from app.analysis.summary.making import summarise
from app.session.store.folder import TABLES, SessionFolder, create_session
from app.session.store.lock import hold_lock
from tests.analysis.journals import journalled, training, whole, write_journal
from tests.session.frames import MS, PLAN, SECOND, hello, steps
from workloads.wire.framing import frame_bytes


def test_a_journal_says_the_same_as_the_tables_made_of_it(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    before = load(folder)
    rows = {name: before.tables[name].collect() for name in TABLES}
    finish(folder)
    after = load(folder)
    assert after.manifest == before.manifest
    assert summarise(after) == summarise(before)
    for name in TABLES:
        assert after.tables[name].collect().equals(rows[name])


def test_reading_a_journal_writes_nothing(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    before = {path: path.stat().st_mtime_ns for path in folder.path.iterdir()}
    show(folder, as_json=True, width=80)
    assert {path: path.stat().st_mtime_ns for path in folder.path.iterdir()} == before


def test_a_session_that_goes_on_is_shown_as_of_now_and_says_so(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *training()[:6]))
    with hold_lock(folder):
        summary = summarise(load(folder))
        text = show(folder, as_json=False, width=80)
    assert summary.running
    assert summary.recovery is None, "the start of a frame that is just being written is nothing lost"
    assert [run.outcome for run in summary.runs] == ["running", "planned"]
    assert summary.runs[0].samples == 60
    assert "still running" in text.splitlines()[0]


def test_a_run_that_ended_while_the_session_goes_on_has_its_outcome(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *training()))
    with hold_lock(folder):
        assert [run.outcome for run in summarise(load(folder)).runs] == ["done", "planned"]


def test_what_a_journal_took_in_after_it_was_read_does_not_change_what_was_read(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *training()[:6]))
    loaded = load(folder)
    write_journal(folder, [steps(3500 * MS, 4)])
    assert summarise(loaded).runs[0].samples == 60
    folder.journal.unlink()
    assert summarise(loaded).runs[0].samples == 60


def test_one_that_could_not_be_finished_says_what_its_journal_lost(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *training()[:6]))
    with folder.journal.open("ab") as file:
        file.write(frame_bytes(steps(4 * SECOND, 10))[:40])
    summary = summarise(load(folder))
    assert (summary.running, summary.outcome) == (False, "interrupted")
    assert summary.recovery is not None
    assert summary.recovery.lost_bytes == 40
    assert "the last 40 bytes are the start of a frame" in show(folder, as_json=False, width=200)


def test_a_session_that_was_only_just_started_has_nothing_yet(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    with hold_lock(folder):
        assert [run.outcome for run in summarise(load(folder)).runs] == ["planned", "planned"]
        assert "train/digits" in show(folder, as_json=False, width=80)


def test_json_is_one_document_in_which_what_was_not_measured_is_null(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    document = json.loads(show(folder, as_json=True, width=80))
    assert document["runs"][0]["samples_per_s"] == 38.0
    assert document["runs"][0]["tokens_per_s"] is None
    times = document["runs"][1]["times"]
    assert (times["p50_ms"], times["p99_9_ms"]) == (7.5, None), "four requests carry no tail"
    assert times["early_stopping"]["p99.9"] == {"needs": 6636, "at_most_ms": None}
    assert document["absent"] == {"gpu0": {"memory_temperature_c": "Not Supported"}}


def test_a_folder_that_is_no_session_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not there"):
        load(SessionFolder(tmp_path))


def test_a_session_of_an_older_benchtop_that_knew_fewer_outcomes_is_read(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    now = load(folder).tables["requests"].collect()
    older = now.drop("started_ns", "queue_ns", "service_ns")
    older.with_columns(outcome=older["outcome"].cast(pl.Enum(("answered", "failed")))).write_parquet(
        folder.table("requests")
    )
    assert load(folder).tables["requests"].collect().equals(now)
