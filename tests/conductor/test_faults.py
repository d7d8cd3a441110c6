"""Faults that happen to real processes, and what the conductor makes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app.conductor.faults import failure_of_exit
from app.recovery import is_interrupted, recover
from app.session.sources.control import ask
from app.session.store.folder import SessionFolder
from app.session.store.lock import is_locked
from app.session.store.manifest import RunRecord
from tests.conductor.harness import conducted, finished, is_alive, journal, kill, plan_of, until, until_gone
from workloads.oom_kills import oom_kills
from workloads.wire.commands import EndRun, Start, Status, Stop
from workloads.wire.frames import Failure, Gauges, Hello, Steps


def only_run(folder: SessionFolder) -> RunRecord:
    """The one run of a finished session."""
    (record,) = folder.read_manifest().runs
    return record


def failure(folder: SessionFolder) -> Failure:
    """Why the one run failed."""
    record = only_run(folder)
    assert record.outcome == "failed"
    assert record.failure is not None
    return record.failure


def worker_pid(folder: SessionFolder) -> int | None:
    """The pid that the last worker gave in its Hello, once it has sent steps."""
    frames = journal(folder)
    if not any(isinstance(frame, Steps) for frame in frames):
        return None
    return [frame.pid for frame in frames if isinstance(frame, Hello) and frame.role == "worker"][-1]


def test_a_run_that_ends_well_is_done_and_saved_whole(tmp_path: Path) -> None:
    folder = finished(tmp_path, plan_of("works"))
    manifest = folder.read_manifest()
    assert manifest.outcome == "done"
    assert only_run(folder).headline.samples == 20 * 64
    assert not folder.journal.exists()
    assert not is_locked(folder)


@pytest.mark.parametrize(
    ("deed", "kind", "words"),
    [
        ("crashes", "crashed", "cannot open shared object file"),
        ("breaks", "crashed", "SIGSEGV"),
        ("dies", "killed", "SIGKILL"),
        ("babbles", "garbage", "no frame"),
        ("fails", "cuda-out-of-memory", "20 GiB"),
    ],
)
def test_a_worker_that_goes_wrong_fails_its_run_in_one_line(tmp_path: Path, deed: str, kind: str, words: str) -> None:
    folder = finished(tmp_path, plan_of(deed))
    why = failure(folder)
    assert why.kind == kind
    assert words in why.message
    assert why.remedy
    assert "\n" not in why.message + why.remedy
    assert only_run(folder).headline.samples == 20 * 64, "what it had sent before is kept"


def test_a_failed_run_does_not_keep_the_next_from_running(tmp_path: Path) -> None:
    folder = finished(tmp_path, plan_of("dies", "dies"))
    assert [record.outcome for record in folder.read_manifest().runs] == ["failed", "failed"]
    assert all(record.started is not None for record in folder.read_manifest().runs)


def test_a_worker_that_cannot_be_started_says_which_command(tmp_path: Path) -> None:
    plan = plan_of("works")
    plan = type(plan)(name="x", runs=plan.runs, created_ns=1, sampler=plan.sampler, worker=("/no/such/command",))
    why = failure(finished(tmp_path, plan))
    assert why.kind == "cannot-start"
    assert "/no/such/command" in why.message


def test_an_out_of_memory_kill_is_told_from_any_other(tmp_path: Path) -> None:
    counter = tmp_path / "vmstat"
    counter.write_text("nr_free_pages 7\noom_kill 3\n")
    assert oom_kills(counter) == 3
    assert oom_kills(tmp_path / "none") is None
    starved = failure_of_exit(-signal.SIGKILL, run=1, at_ns=0, out_of_memory=True)
    assert starved.kind == "out-of-memory"
    assert failure_of_exit(-signal.SIGTERM, run=1, at_ns=0, out_of_memory=True).kind == "killed"


def test_a_hanging_worker_is_ended_on_request_and_the_plan_goes_on(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("hangs", "hangs")) as (folder, process):
        until(lambda: worker_pid(folder))
        first = worker_pid(folder)
        assert first is not None
        assert ask(folder, EndRun()).accepted
        until(lambda: worker_pid(folder) != first)
        assert not is_alive(first)
        assert ask(folder, EndRun()).accepted
        process.wait(30)
    assert [record.outcome for record in folder.read_manifest().runs] == ["interrupted", "interrupted"]


def test_stop_ends_the_run_and_skips_the_rest(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits", "waits")) as (folder, process):
        until(lambda: worker_pid(folder))
        assert ask(folder, Status()).pid == process.pid
        assert ask(folder, Stop()).accepted
        assert process.wait(30) == 130
    manifest = folder.read_manifest()
    assert manifest.outcome == "interrupted"
    assert [record.outcome for record in manifest.runs] == ["interrupted", "skipped"]


def test_sigterm_stops_and_saves(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits")) as (folder, process):
        until(lambda: worker_pid(folder))
        process.terminate()
        process.wait(30)
    assert folder.read_manifest().outcome == "interrupted"


def test_a_hangup_is_not_heard(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits")) as (folder, process):
        until(lambda: worker_pid(folder))
        process.send_signal(signal.SIGHUP)
        assert ask(folder, Status()).accepted
        ask(folder, Stop())
        process.wait(30)
    assert folder.manifest.is_file()


def test_a_command_that_is_not_for_it_is_refused(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits")) as (folder, _):
        reply = ask(folder, Start(run=1, workload="x", parameters={}, seed=0, folder=""))
        assert not reply.accepted
        assert reply.message


def test_nothing_that_a_worker_started_outlives_its_run(tmp_path: Path) -> None:
    folder = finished(tmp_path, plan_of("spawns"))
    assert folder.read_manifest().outcome == "done"
    until_gone(int((folder.path / "left.pid").read_text()))


def test_megabytes_of_output_stay_bounded_in_the_log(tmp_path: Path) -> None:
    folder = finished(tmp_path, plan_of("floods"))
    assert folder.read_manifest().outcome == "done"


@pytest.mark.parametrize("deed", ["hangs", "waits", "fills"])
def test_a_killed_conductor_takes_its_workers_along_and_the_journal_is_recovered(tmp_path: Path, deed: str) -> None:
    with conducted(tmp_path, plan_of(deed)) as (folder, process):
        until(lambda: worker_pid(folder))
        pid = worker_pid(folder)
        assert pid is not None
        frames = journal(folder)
        kill(process.pid)
        process.wait(30)
        until_gone(pid)
    assert is_interrupted(folder)
    line = recover(folder)
    assert "interrupted" in line
    manifest = folder.read_manifest()
    assert manifest.recovery is not None
    assert manifest.recovery.frames >= len(frames)
    assert only_run(folder).headline.samples >= 20 * 64


@pytest.mark.parametrize("deed", ["dies", "hangs"])
def test_a_sampler_that_fails_is_started_again_and_the_gap_is_a_finding(tmp_path: Path, deed: str) -> None:
    with conducted(tmp_path, plan_of("waits", sampler=deed)) as (folder, process):
        if deed == "hangs":
            until(lambda: any(isinstance(frame, Gauges) for frame in journal(folder)))
            for frame in journal(folder):
                if isinstance(frame, Hello) and frame.role == "sampler":
                    kill(frame.pid)
        until(lambda: sum(isinstance(frame, Gauges) for frame in journal(folder)) >= 2)
        ask(folder, Stop())
        process.wait(30)
    findings = [finding.kind for finding in folder.read_manifest().findings]
    assert "telemetry-gap" in findings


def test_the_viewers_death_is_nothing_to_the_session(tmp_path: Path) -> None:
    """Whoever started the conductor may be killed with everything in its terminal's session."""
    plan = plan_of("waits")
    script = (
        "import sys, pathlib, msgspec\n"
        "from app.conductor.spawn import StartingConductor\n"
        "from app.session.store.folder import create_session\n"
        "from app.session.planning.plan import Plan\n"
        "folder = create_session(pathlib.Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Plan))\n"
        "StartingConductor(folder).wait_ready()\n"
        "print(folder.path, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), msgspec.json.encode(plan).decode()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as starter:
        assert starter.stdout is not None
        folder = SessionFolder(Path(starter.stdout.readline().strip()))
        os.killpg(starter.pid, signal.SIGKILL)
    until(lambda: worker_pid(folder))
    assert is_locked(folder)
    conductor = ask(folder, Stop()).pid
    until_gone(conductor)
    assert folder.read_manifest().outcome == "interrupted"


def test_a_full_disk_stops_the_session_with_that_message_and_keeps_what_was_written(tmp_path: Path) -> None:
    """On a real file system of 4 MiB, in a mount namespace of its own."""
    small = tmp_path / "small"
    small.mkdir()
    probe = ["unshare", "--map-root-user", "--mount", "--", "mount", "-t", "tmpfs", "-o", "size=4m", "none", str(small)]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small file system")
    inside = subprocess.run(
        [
            *probe[:4],
            "sh",
            "-c",
            f"mount -t tmpfs -o size=4m none {small} && exec {sys.executable} -m tests.conductor.disk {small}",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert inside.returncode == 0, inside.stderr
    assert "the disk is full" in inside.stdout
    assert "samples kept" in inside.stdout
