"""The commands as a user gives them: what they print where, how they end, and what bad input is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from app.session.store.folder import list_sessions
from tests.analysis.compare.sessions import MadeRun, made
from tests.conductor.harness import conducted, finished, kill, plan_of, until, until_gone

ENDLESS = ("run", "probe/launch", "--headless", "--duration", "600", "--set", "threads=1")
"""A run that measures until it is ended. It trains nothing: torch takes a second more to come up with an optimizer."""


def benchtop(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """One command, from start to end."""
    return subprocess.run(
        command(*arguments), env=environment(home), capture_output=True, text=True, check=False, timeout=150
    )


def command(*arguments: str) -> list[str]:
    """As the installed script starts it."""
    return [sys.executable, "-m", "app", *arguments]


def environment(home: Path) -> dict[str, str]:
    """Ours, with another folder of sessions."""
    return {**os.environ, "BENCHTOP_HOME": str(home), "COLUMNS": "100"}


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The whole main road once: a model is trained for 14 epochs and served, headless, as one JSON document."""
    home = tmp_path_factory.mktemp("road")
    training = (
        "run",
        "train/digits",
        "infer/digits",
        "--json",
        "--warmup",
        "2",
        "--name",
        "Main road!",
        "--steps",
        "308",
    )
    small = ("--set", "train/digits.width=8", "--set", "threads=1")
    serving = ("--set", "infer/digits.concurrency=8", "--set", "infer/digits.batch=4")
    return home, benchtop(*training, *small, *serving, home=home)


def test_a_model_is_trained_served_and_saved(road: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, done = road
    assert done.returncode == 0, done.stderr
    train, infer = json.loads(done.stdout)["runs"]
    assert train["accuracy"] >= 0.97
    assert train["accuracy_samples"] == 360
    assert infer["accuracy"] == train["accuracy"], "the same weights on the same held-out images"
    assert train["times"]["count"] == 14 * 22
    assert infer["times"]["p50_ms"] <= infer["times"]["p99_ms"] <= infer["times"]["max_ms"]
    (folder,) = list_sessions(home / "sessions")
    assert folder.name.endswith("-main-road")
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert not folder.journal.exists()
    steps = pl.read_parquet(folder.table("steps")).filter(phase="measure")
    assert len(steps) == 14 * 22
    assert steps["forward_ns"].min() > 0  # type: ignore[operator]


def test_progress_goes_to_stderr_when_stdout_is_json(road: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert "train/digits" in road[1].stderr
    assert "Traceback" not in road[1].stderr


def test_ls_and_show_tell_of_a_saved_session(road: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = road
    (row,) = json.loads(benchtop("ls", "--json", home=home).stdout)
    assert row["state"] == "done"
    assert [run["workload"] for run in row["runs"]] == ["train/digits", "infer/digits"]
    shown = benchtop("show", "main-road", home=home)
    assert shown.returncode == 0
    assert "p99.9" in shown.stdout
    assert "held out" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 100
    assert "main-road" in benchtop("ls", home=home).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "train/digit"), "did you mean train/digits"),
        (("run", "train/digits", "--set", "bach=3"), "near: batch"),
        (("run", "infer/digits"), "put train/digits before it"),
        (("run", "train/digits", "--duration", "0"), "--duration 0"),
        (("run", "train/digits", "--repeats", "x"), "--repeats: invalid int value: 'x'"),
        (("compare",), "required: SESSION"),
        (("show", "nothing-like-it"), "no session 'nothing-like-it'"),
        (("show",), "there are no sessions yet"),
        (("open", "x"), "no session 'x'"),
        (("attach",), "no session is running"),
        ((), "needs a terminal"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_status_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    refused = benchtop(*arguments, home=tmp_path)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert words in refused.stderr
    assert not list_sessions(tmp_path / "sessions"), "nothing was started"


def test_a_run_that_fails_says_why_and_ends_with_status_1(tmp_path: Path) -> None:
    strange = tmp_path / "strange.pt"
    strange.write_text("no weights")
    failed = benchtop("run", "infer/digits", "--headless", "--set", f"weights={strange}", home=tmp_path)
    assert failed.returncode == 1
    assert f"weights={strange} is no file of weights" in failed.stdout
    assert "Traceback" not in failed.stdout + failed.stderr


def test_an_interrupt_stops_saves_and_ends_with_status_130(tmp_path: Path) -> None:
    running = subprocess.Popen(
        command(*ENDLESS),
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert any("measure" in line for line in running.stdout)
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted" in rest
    (folder,) = list_sessions(tmp_path / "sessions")
    assert folder.read_manifest().outcome == "interrupted"


def test_the_next_command_recovers_an_interrupted_session_and_says_so(tmp_path: Path) -> None:
    with conducted(tmp_path / "sessions", plan_of("waits")) as (folder, process):
        until(folder.journal.is_file)
        kill(process.pid)
        process.wait(30)
    listed = benchtop("ls", home=tmp_path)
    assert "was interrupted: recovered all" in listed.stderr
    assert "interrupted" in listed.stdout
    assert "recovered" not in benchtop("ls", home=tmp_path).stderr, "it is saved now"


def test_what_nobody_can_read_does_not_keep_others_from_being_listed(tmp_path: Path) -> None:
    good = finished(tmp_path / "sessions", plan_of("works"))
    bad = tmp_path / "sessions" / "20000101-000000-bad"
    bad.mkdir()
    (bad / "plan.json").write_text("{")
    listed = benchtop("ls", home=tmp_path)
    assert listed.returncode == 0
    assert good.name in listed.stdout
    assert "Traceback" not in listed.stderr


def test_workloads_are_listed_with_their_parameters(tmp_path: Path) -> None:
    document = json.loads(benchtop("workloads", "--json", home=tmp_path).stdout)
    assert {"train/digits", "infer/digits", "probe/matmul", "probe/copy"} <= {entry["name"] for entry in document}
    text = benchtop("workloads", home=tmp_path).stdout
    assert "learning_rate" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_headless_run_whose_conductor_is_killed_ends_and_tells_what_was_recovered(tmp_path: Path) -> None:
    running = subprocess.Popen(
        command(*ENDLESS),
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert any("measure" in line for line in running.stdout)
    (folder,) = list_sessions(tmp_path / "sessions")
    conductor = int(subprocess.check_output(["pgrep", "-f", f"app.conductor.*{folder.path}"], text=True).split()[0])
    kill(conductor)
    rest, errors = running.communicate(timeout=60)
    until_gone(conductor)
    assert running.returncode == 130
    assert "recovered all" in errors
    assert "interrupted" in rest


def test_two_sessions_are_compared_and_a_condition_ends_with_status_3(tmp_path: Path) -> None:
    for name, step in (("old", 10.0), ("new", 12.0)):
        made(
            tmp_path / "sessions",
            *(MadeRun([step + extra] * 20, repeat=n) for n, extra in enumerate((0, 0.1, 0.2), 1)),
            name=name,
        )
    done = benchtop("compare", "old", "new", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "worse" in done.stdout
    gate = benchtop("compare", "old", "new", "--json", "--fail-if", "throughput<-2%", home=tmp_path)
    assert gate.returncode == 3
    assert json.loads(gate.stdout)["failed"]
    wrong = benchtop("compare", "old", "new", "--fail-if", "throughput<2", home=tmp_path)
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
