"""A journal becomes tables and a manifest, whole or not at all, whatever state it is in."""

from __future__ import annotations

import functools
import resource
import subprocess
import tempfile
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.finishing.finish import finish
from app.analysis.tables.schema import SCHEMAS
from app.recovery import recover, recovered
from app.session.planning.plan import MODULE_COMMAND
from app.session.store.folder import TABLES, SessionFolder, create_session
from app.session.store.lock import hold_lock
from tests.analysis.journals import journalled, training, whole, write_journal
from tests.session.frames import MS, PLAN, SECOND, hello, measuring, started, steps
from workloads.wire.columns import pack_integers
from workloads.wire.frames import SESSION, Done, Failure, Hello, Steps
from workloads.wire.framing import frame_bytes


def finish_process(
    folder: SessionFolder, *options: str, file_limit: int | None = None
) -> subprocess.CompletedProcess[str]:
    limit = None if file_limit is None else functools.partial(limit_files, file_limit)
    command = (*MODULE_COMMAND, "app.analysis.finishing.finish", *options, str(folder.path))
    return subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)


def limit_files(size: int) -> None:
    """No file can grow beyond this: what a full disk is to a writer."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_session_that_ended_well_is_four_tables_and_a_manifest(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    (folder.path / "reserve").write_bytes(b"\0" * 100)
    manifest = finish(folder)
    assert manifest == folder.read_manifest()
    assert {path.name for path in folder.path.iterdir()} == {
        "plan.json",
        "manifest.json",
        "facts.frames",
        *(f"{name}.parquet" for name in TABLES),
    }
    assert manifest.outcome == "done"
    assert manifest.recovery is None
    assert manifest.frames == len(whole())
    assert (manifest.started_ns, manifest.ended_ns) == (1000 * SECOND, 1009 * SECOND + 500 * MS)


def test_the_manifest_keeps_what_every_run_said(tmp_path: Path) -> None:
    manifest = finish(journalled(tmp_path, whole()))
    first, second = manifest.runs
    assert (first.outcome, first.ended_ns, first.dropped) == ("done", 5 * SECOND, 3)
    assert [score.value for score in first.scores] == [0.98, 0.07]
    assert [phase.phase for phase in first.phases] == ["warmup", "measure", "evaluate"]
    assert [finding.kind for finding in manifest.findings] == ["telemetry-gap"]
    assert second.started is not None
    assert manifest.absent == {"gpu0": {"memory_temperature_c": "Not Supported"}}


def test_the_headline_is_of_the_measure_phases_alone(tmp_path: Path) -> None:
    first, second = (record.headline for record in finish(journalled(tmp_path, whole())).runs)
    # 19 steps of 4 samples in the two seconds of the measure phase; the 9 before it are warm-up.
    assert (first.samples, first.measured_s, first.samples_per_s) == (76, 2.0, 38.0)
    assert (first.p50_ms, first.accuracy, first.tokens_per_s) == (100.0, 0.98, None)
    # Four requests were answered in two seconds, from being due within 6, 7, 8 and 51 ms.
    assert (second.samples, second.samples_per_s, second.p50_ms) == (4, 2.0, 7.5)


def test_finishing_a_finished_session_changes_nothing(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    manifest = finish(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.path.iterdir()}
    assert finish(folder) == manifest
    assert {path: path.stat().st_mtime_ns for path in folder.path.iterdir()} == before


def test_a_journal_that_was_left_beside_its_manifest_goes(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    write_journal(folder, whole())
    finish(folder)
    assert not folder.journal.exists()


def test_without_the_conductors_last_word_a_session_was_interrupted(tmp_path: Path) -> None:
    """The run that was going on is interrupted, and ends with its last sample; the one after it was skipped."""
    cut = training()[:8]
    manifest = finish(journalled(tmp_path, (hello(), *cut)))
    assert manifest.outcome == "interrupted"
    assert [record.outcome for record in manifest.runs] == ["interrupted", "skipped"]
    assert manifest.runs[0].headline.measured_s == 1.9
    assert manifest.recovery is not None
    assert (manifest.recovery.frames, manifest.recovery.lost_bytes) == (9, 0)


def test_a_failed_run_is_not_measured_beyond_its_last_sample(tmp_path: Path) -> None:
    """A worker that hung for a minute before it was killed measured nothing in that minute."""
    why = Failure(run=1, at_ns=70 * SECOND, kind="killed", message="the worker was killed by SIGKILL")
    ended = (why, Done(run=1, at_ns=70 * SECOND, outcome="failed"), Done(at_ns=71 * SECOND, outcome="failed"))
    manifest = finish(journalled(tmp_path, (hello(), started(), measuring(), steps(0, 20), *ended)))
    assert manifest.runs[0].failure == why
    assert manifest.runs[0].headline.measured_s == 2.0
    assert manifest.outcome == "failed"


def test_a_failure_of_the_whole_session_is_kept(tmp_path: Path) -> None:
    full = Failure(run=SESSION, at_ns=3 * SECOND, kind="disk-full", message="the disk is full")
    frames = (hello(), *training()[:6], full, Done(at_ns=3 * SECOND, outcome="failed"))
    manifest = finish(journalled(tmp_path, frames))
    assert manifest.failure == full
    assert manifest.recovery is None


def test_runs_that_were_never_begun_are_skipped(tmp_path: Path) -> None:
    skipped = Done(run=2, at_ns=6 * SECOND, outcome="skipped")
    frames = (hello(), *training(), skipped, Done(at_ns=7 * SECOND, outcome="interrupted"))
    assert finish(journalled(tmp_path, frames)).runs[1].outcome == "skipped"


def test_a_session_whose_conductor_never_got_going_is_interrupted(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    manifest = finish(folder)
    assert manifest.outcome == "interrupted"
    assert [record.outcome for record in manifest.runs] == ["skipped", "skipped"]
    assert pl.read_parquet(folder.table("steps")).schema == pl.Schema(SCHEMAS["steps"])


def test_frames_of_samples_that_do_not_fit_together_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    odd = Steps(run=1, start_ns=pack_integers([1, 2]), wall_ns=pack_integers([1]), samples=pack_integers([1, 1]))
    folder = journalled(tmp_path, (hello(), *training()[:5], odd, *training()[5:], Done(at_ns=9 * SECOND)))
    manifest = finish(folder)
    assert manifest.runs[0].headline.samples == 76
    assert [finding.kind for finding in manifest.findings] == ["misfit"]


STREAM = b"".join(map(frame_bytes, whole()))
ENDS = [sum(len(frame_bytes(frame)) for frame in whole()[:count]) for count in range(len(whole()) + 1)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(STREAM)))
def test_a_journal_cut_anywhere_keeps_every_whole_frame_and_says_so(cut: int) -> None:
    kept = sum(end <= cut for end in ENDS) - 1
    with tempfile.TemporaryDirectory() as home:
        folder = create_session(Path(home), PLAN)
        folder.journal.write_bytes(STREAM[:cut])
        manifest = finish(folder)
        rows = pl.scan_parquet(folder.table("gauges")).select(pl.len()).collect().item()
    assert manifest.frames == kept
    assert rows == sum(frame.__class__.__name__ == "Gauges" for frame in whole()[:kept])
    if cut == len(STREAM):
        assert manifest.recovery is None
        return
    assert manifest.recovery is not None
    assert (manifest.recovery.frames, manifest.recovery.lost_bytes) == (kept, cut - ENDS[kept])
    assert bool(manifest.recovery.reason) == (cut != ENDS[kept])
    assert manifest.outcome == "interrupted"


def test_damage_in_the_middle_costs_one_frame_and_says_where(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    damaged = bytearray(STREAM)
    damaged[ENDS[14] + 20] ^= 0xFF
    folder.journal.write_bytes(damaged)
    recovery = finish(folder).recovery
    assert recovery is not None
    assert recovery.frames == len(whole()) - 1
    size = ENDS[15] - ENDS[14]
    assert recovery.reason == f"damaged at byte {ENDS[14]}: the checksum does not match ({size} bytes left out)"
    assert [(each.offset, each.bytes, each.segment) for each in recovery.damages] == [(ENDS[14], size, 0)]


def test_a_disk_that_gave_zeros_at_the_end_costs_only_those(tmp_path: Path) -> None:
    """What a power cut leaves: the file's length is new, its last blocks are not."""
    folder = journalled(tmp_path, whole()[:-1])
    with folder.journal.open("ab") as file:
        file.write(b"\0" * 4096)
    recovery = finish(folder).recovery
    assert recovery is not None
    assert (recovery.frames, recovery.lost_bytes) == (len(whole()) - 1, 4096)


@pytest.mark.parametrize(
    ("journal", "words"),
    [
        (b"this is no journal at all, whoever wrote it\n" * 9, "is no journal"),
        (frame_bytes(Hello(role="conductor", pid=1, host="h", monotonic_ns=0, wall_ns=0, version=99)), "version 99"),
    ],
)
def test_what_is_no_journal_of_ours_stays_and_one_line_says_why(tmp_path: Path, journal: bytes, words: str) -> None:
    folder = create_session(tmp_path, PLAN)
    folder.journal.write_bytes(journal)
    done = finish_process(folder)
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert folder.journal.read_bytes() == journal
    assert not folder.manifest.exists()


def test_when_the_tables_cannot_be_written_the_journal_stays_and_no_draft(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    before = set(folder.path.iterdir())
    done = finish_process(folder, file_limit=200)
    assert done.returncode == 1
    assert "its journal stays" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert set(folder.path.iterdir()) <= before | {folder.path / "lock"}
    assert finish_process(folder).returncode == 0
    assert folder.read_manifest().outcome == "done"


def test_when_only_the_manifest_cannot_be_written_the_journal_stays(tmp_path: Path) -> None:
    long = Failure(run=1, at_ns=1, kind="crashed", message="x", detail="y" * 60_000)
    folder = journalled(tmp_path, (*whole()[:-1], long, whole()[-1]))
    done = finish_process(folder, file_limit=50_000)
    assert done.returncode == 1
    assert not folder.manifest.exists()
    assert not folder.manifest.with_suffix(".json.part").exists()
    assert folder.table("steps").exists()
    assert folder.journal.exists()
    assert finish_process(folder).returncode == 0


def test_two_that_finish_at_once_leave_one_whole_session(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    command = (*MODULE_COMMAND, "app.analysis.finishing.finish", str(folder.path))
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    endings = [process.communicate()[1] for process in both]
    assert 0 in [process.returncode for process in both], endings
    assert folder.read_manifest().runs[0].headline.samples == 76
    assert len(pl.read_parquet(folder.table("steps"))) == 28
    assert not folder.journal.exists()


def test_a_session_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    with hold_lock(folder):
        done = finish_process(folder)
    assert done.returncode == 1
    assert "still running" in done.stderr
    assert folder.journal.exists()


def test_the_conductor_has_its_session_finished_while_it_holds_the_lock(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    with hold_lock(folder):
        assert finish_process(folder, "--by-conductor").returncode == 0
    assert folder.manifest.is_file()


def test_results_are_those_of_the_newest_setting_once_a_knob_is_turned(tmp_path: Path) -> None:
    again = msgspec.structs.replace(started(run=1, at_ns=SECOND), parameters={"batch": 8})
    turned = (
        *training()[:-4],
        again,
        msgspec.structs.replace(measuring(run=1, at_ns=5 * SECOND), mark="batch = 8"),
        steps(5 * SECOND, 10, each_ns=200 * MS, samples=8, run=1),
        Done(run=1, at_ns=7 * SECOND),
    )
    folder = journalled(tmp_path, turned)
    (run, *_) = finish(folder).runs
    assert run.started is not None
    assert run.started.parameters == {"batch": 8}
    assert (run.headline.samples, run.headline.measured_s) == (80, 2.0)
    assert run.headline.p50_ms == pytest.approx(200)
    assert [phase.phase for phase in run.phases] == ["warmup", "warmup", "measure"]
    table = pl.read_parquet(folder.table("steps"))
    assert dict(table["phase"].value_counts().iter_rows()) == {"warmup": 28, "measure": 10}


def test_who_meets_a_session_that_another_is_just_saving_goes_on_with_what_there_is(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    with hold_lock(folder):
        assert "is just being saved by another benchtop" in recover(folder)
    assert not folder.manifest.exists()


def test_a_journal_that_was_not_removed_any_more_is_by_whoever_meets_the_session(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    data = folder.journal.read_bytes()
    manifest = finish(folder)
    folder.journal.write_bytes(data)
    assert recovered(folder).read_manifest() == manifest
    assert not folder.journal.exists()
