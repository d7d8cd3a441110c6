"""Workers and samplers behind a command: a real sshd, and others that need none."""

from __future__ import annotations

import shlex
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from app.conductor import via_faults
from app.conductor.record import Record
from app.conductor.run import Run
from app.conductor.sampling import Sampling
from app.conductor.via_faults import failure_before_hello, failure_of_line
from app.session.planning import RunRequest, make_plan
from app.session.planning.plan import Plan
from app.session.planning.via import behind
from app.session.sources.control import ask
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalReader
from tests.conductor.harness import conducted, finished, is_alive, journal, kill, until, until_gone
from tests.conductor.sshd import sshd
from workloads import orders
from workloads.wire.columns import unpack_integers
from workloads.wire.commands import EndRun
from workloads.wire.frames import ClockAligned, Done, Gauges, Hello, Log, Pong, Steps

HERE = Path(__file__).parents[2]
SMALL = ("width=8", "epochs=2", "threads=1", "device=cpu")


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sshd(tmp_path_factory.mktemp("sshd")) as reached:
        yield reached


def plan_of(*workloads: str, via: str, python: str | None = None, settings: tuple[str, ...] = ()) -> Plan:
    """A plan behind a command."""
    request = RunRequest(workloads=workloads, via=via, via_python=python, settings=settings, steps=40, warmup=1)
    return make_plan(request, time.time_ns())


def with_ours(way: str, home: Path) -> str:
    """A command that names what ssh does not pass on: the packages of this checkout, and a home of the test's own."""
    return f"{way} env PYTHONPATH={HERE} HOME={home}"


def test_a_model_is_trained_through_ssh_with_times_of_our_clock(way: str, tmp_path: Path) -> None:
    home = tmp_path / "there"
    home.mkdir()
    plan = plan_of("train/digits", via=with_ours(way, home), settings=SMALL)
    # The journal is removed when the tables are made; held open, it can still be read.
    with conducted(tmp_path / "here", plan) as (folder, process), folder.journal.open("rb") as held:
        process.wait(120)
        frames = list(JournalReader(Path(f"/proc/self/fd/{held.fileno()}")))
    manifest = folder.read_manifest()
    assert manifest.outcome == "done", [record.failure for record in manifest.runs]
    assert manifest.runs[0].headline.samples

    there = home / ".cache" / "benchtop" / folder.name
    assert stat.S_IMODE(there.stat().st_mode) == 0o700
    assert (there / "weights-1.pt").is_file()
    assert not (folder.path / "weights-1.pt").exists()
    assert any(isinstance(frame, Log) and str(there) in frame.text for frame in frames)

    clocks = [frame for frame in frames if isinstance(frame, ClockAligned)]
    assert {clock.role for clock in clocks} == {"worker", "sampler"}
    assert not any(isinstance(frame, Pong) for frame in frames)
    whole_ns = max(frame.at_ns for frame in frames if isinstance(frame, Gauges)) - clocks[0].at_ns
    assert all(abs(clock.offset_ns) <= clock.error_ns <= whole_ns for clock in clocks), "it is the same clock in fact"
    assert len(manifest.clocks) == 2

    began = next(frame.monotonic_ns for frame in frames if isinstance(frame, Hello) and frame.role == "conductor")
    instants = [at for frame in frames if isinstance(frame, Steps) for at in unpack_integers(frame.start_ns)]
    assert began <= instants[0]
    assert instants == sorted(instants)
    worker = [frame for frame in frames if isinstance(frame, Gauges) and frame.device == "worker"]
    assert any(frame.readings.get("rss_bytes") for frame in worker), "the sampler there watches the worker there"


def test_inference_behind_a_command_gets_the_weights_of_a_training_run_that_was_done_there(tmp_path: Path) -> None:
    plan = plan_of("train/digits", "train/digits", "infer/digits", via="env")
    folder = create_session(tmp_path, plan)
    record = Record(folder)
    for done, weights in (((1, 2), "weights-2.pt"), ((1,), "weights-1.pt"), ((), None)):
        order = Run(plan.runs[2], plan, folder, record, [cast("Sampling", None)], done=done)._start()
        assert order.folder == f"~/.cache/benchtop/{folder.name}"
        assert order.parameters.get("weights") == (weights and f"{order.folder}/{weights}")
    record.close()


def processes_there(folder: SessionFolder) -> dict[str, int]:
    """Role → pid of the processes that said Hello behind the command."""
    return {f.role: f.pid for f in journal(folder) if isinstance(f, Hello) and f.role != "conductor"}


def lines(conductor: int, what: str) -> list[int]:
    """Pids of the conductor's own children whose command has this word."""
    children = Path(f"/proc/{conductor}/task/{conductor}/children").read_text().split()
    return [int(pid) for pid in children if what in Path(f"/proc/{pid}/cmdline").read_text()]


def test_no_process_is_left_there_whatever_ends_first(way: str, tmp_path: Path) -> None:
    plan = plan_of("probe/copy", "probe/copy", via=with_ours(way, tmp_path))
    with conducted(tmp_path, plan) as (folder, process):
        until(lambda: len(processes_there(folder)) == 2)
        first = processes_there(folder)
        assert ask(folder, EndRun()).accepted
        until_gone(first["worker"])

        until(lambda: processes_there(folder)["worker"] != first["worker"])
        second = processes_there(folder)
        assert is_alive(second["worker"])
        assert is_alive(second["sampler"])
        kill(process.pid)
        process.wait()
        for pid in second.values():
            until_gone(pid)
    ended = next(frame for frame in journal(folder) if isinstance(frame, Done) and frame.run == 1)
    assert ended.outcome == "interrupted"


def test_a_line_that_breaks_ends_the_worker_and_is_the_failure_of_its_run(way: str, tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("probe/copy", via=with_ours(way, tmp_path))) as (folder, process):
        until(lambda: len(processes_there(folder)) == 2)
        there = processes_there(folder)
        (line,) = lines(process.pid, "workloads.worker")
        kill(line)
        process.wait()
        for pid in there.values():
            until_gone(pid)
    (record,) = folder.read_manifest().runs
    assert record.failure is not None
    assert "the line to the worker broke: `ssh" in record.failure.message


@pytest.mark.parametrize(
    ("via", "python", "words"),
    [
        ("env", "/no/such/python", "/no/such/python cannot be run"),
        ("env PYTHONPATH=/nowhere", f"{sys.executable} -S", "has no benchtop"),
        ("sh -c 'exec \"$@\" </dev/null' sh", sys.executable, "stdin does not reach the worker"),
    ],
)
def test_a_command_that_does_not_reach_a_worker_says_why_in_one_line(
    tmp_path: Path, via: str, python: str, words: str
) -> None:
    plan = plan_of("probe/copy", via=via)
    # The sampler is none of this test's business, and need not be heard.
    worker = (*python.split(), *plan.worker[1:])
    folder = finished(tmp_path, replace(plan, worker=worker, sampler=("cat",), idle_s=0))
    (record,) = folder.read_manifest().runs
    assert record.failure is not None
    assert record.failure.kind == "cannot-start"
    assert words in record.failure.message
    assert record.failure.remedy
    assert "\n" not in record.failure.message


def test_a_sampler_that_cannot_start_there_keeps_nobody_waiting(tmp_path: Path) -> None:
    folder = finished(tmp_path, replace(plan_of("probe/copy", via="false"), idle_s=None))
    (record,) = folder.read_manifest().runs
    assert record.failure is not None
    assert "`false` ended with status 1" in record.failure.message


def failure_words(status: int, *words: str) -> str:
    """The line for a command that ended before it reached a worker."""
    via = ("ssh", "host")
    return failure_before_hello(status, words, via=via, python="/opt/py", run=1, at_ns=0).message


def test_what_ssh_and_containers_say_is_understood() -> None:
    assert "Permission denied (publickey)" in failure_words(
        255, "Warning: Permanently added 'host'", "me@host: Permission denied (publickey)."
    )
    assert "No route to host" in failure_words(255, "ssh: connect to host host port 22: No route to host")
    assert "has no benchtop" in failure_words(1, "/opt/py: No module named workloads")
    assert failure_words(3) == "`ssh host` ended with status 3 and said nothing"
    assert "/opt/py cannot be run (bash" in failure_words(127, "bash: line 1: /opt/py: No such file or directory")
    assert "cannot be run" in failure_words(126, 'OCI runtime exec failed: exec: "/opt/py": permission denied: unknown')
    assert "older than Python 3.11" in failure_words(2, "unknown option: -P", "usage: python [option]")
    gone = "Error response from daemon: No such container: c"
    assert failure_words(1, gone) == f"{gone}: `ssh host` ended with status 1"
    broke = failure_of_line(255, ("client_loop: send disconnect: Broken pipe",), via=("ssh", "h"), run=1, at_ns=0)
    assert (
        "the line to the worker broke (client_loop: send disconnect: Broken pipe): `ssh h` ended with status 255"
        in broke.message
    )


def test_a_worker_whose_stdin_has_ended_is_told_by_its_status() -> None:
    assert via_faults.ORPHANED == orders.ORPHANED


def test_arguments_survive_a_shell_on_the_other_side(way: str) -> None:
    words = ("printf", "%s|", "a b", "$HOME", "'", "*")
    assert subprocess.run(behind(shlex.split(way), words), capture_output=True, check=True).stdout == b"a b|$HOME|'|*|"
    assert subprocess.run(behind(("env",), words), capture_output=True, check=True).stdout == b"a b|$HOME|'|*|"
