"""Real workers over pipes: what they say about real work, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workloads.forked import ForkedWorker
from tests.workloads.here import run_here
from tests.workloads.process import WORKER, Talk, open_worker, start, talk
from workloads.data.digits import split_digits
from workloads.orders import ORPHANED
from workloads.wire.commands import Stop
from workloads.wire.frames import Failure, Hello, Log, Phase, RunStarted, Score, Steps
from workloads.wire.framing import FrameReader, frame_bytes

MISBEHAVING = (sys.executable, str(Path(__file__).with_name("misbehaving.py")))
NARROW = {"width": 8, "threads": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("session")


@pytest.fixture(scope="module")
def trained(folder: Path) -> Talk:
    return talk(start("train/digits", folder, epochs=6, seed=1, **NARROW), forked=True)


def misbehave(how: str) -> Talk:
    return talk(start("test/misbehaving", "", how=how), command=MISBEHAVING, forked=True)


def test_training_learns_and_says_so_after_every_epoch(trained: Talk) -> None:
    scores = trained.of(Score)
    assert [score.epoch for score in scores] == [1, 2, 3, 4, 5, 6]
    assert {(score.metric, score.samples) for score in scores} == {("top1_accuracy", 360)}
    assert scores[-1].value >= 0.97
    assert trained.done.outcome == "done"
    assert trained.status == 0


def test_a_run_introduces_itself_before_it_begins(trained: Talk) -> None:
    early, whole = trained.of(Hello)
    assert trained.frames[0] is early
    assert early.fingerprint.torch == whole.fingerprint.torch
    assert whole.fingerprint.torch_threads == 1
    assert {"torch", "polars", "textual"} <= whole.fingerprint.packages.keys(), "every package, not the main ones alone"
    started = trained.one(RunStarted)
    assert started.parameters["batch"] == 64, "defaults are filled in"
    assert (started.unit, started.device, started.precision, started.seed) == ("sample", "cpu", "float32", 1)
    assert started.data_sha256 == split_digits(1).sha256
    assert started.flops_per_unit
    assert started.bytes_per_unit
    phases = [phase.phase for phase in trained.of(Phase)]
    assert phases == ["warmup", *["measure", "evaluate"] * 6, "cooldown"]


def test_steps_carry_their_parts_and_what_does_not_exist_is_absent(trained: Talk) -> None:
    assert all(frame.h2d_ns is None and frame.device_ns is None for frame in trained.of(Steps))
    walls = trained.column("wall_ns")
    assert len(walls) == 6 * 22
    parts = [trained.column(f"{part}_ns") for part in ("data_wait", "forward", "backward", "optimizer")]
    for wall, *of_step in zip(walls, *parts, strict=True):
        assert sum(of_step) <= wall


def test_serving_uses_the_weights_and_is_as_accurate_as_the_training_said(trained: Talk, folder: Path) -> None:
    weights = str(folder / "weights-1.pt")
    served = run_here(start("infer/digits", folder, weights=weights, concurrency=6, batch=4, steps=30, threads=1))
    assert served.one(Score).value == pytest.approx(trained.of(Score)[-1].value, abs=0.003)
    sent, done = served.column("sent_ns"), served.column("done_ns")
    assert served.column("scheduled_ns") == sent
    assert set(served.column("samples")) == {1}
    assert all(before < after for before, after in zip(sent, done, strict=True))
    outstanding = [sum(s <= at < d for s, d in zip(sent, done, strict=True)) for at in sent]
    assert max(outstanding) <= 6, "a client sends only when it has its answer"


def test_megabytes_of_print_become_few_lines_and_the_stream_stays_whole() -> None:
    printed = misbehave("print")
    assert printed.done.outcome == "done"
    lines = printed.logged("stdout")
    assert lines[0].startswith("line 0 ")
    assert len(lines) < 1_000
    assert any("lines left out" in line for line in lines)
    assert "red" in printed.logged("stderr")[0]
    assert all(log.text.isprintable() for log in printed.of(Log))


def test_a_crash_is_one_line_and_no_traceback_reaches_a_terminal() -> None:
    crashed = misbehave("raise")
    assert (crashed.failure.kind, crashed.failure.message) == ("crashed", "KeyError: 'no such key'")
    assert "Traceback" in crashed.failure.detail
    assert crashed.done.outcome == "failed"
    assert crashed.status == 1
    assert crashed.errors == ""


@pytest.mark.parametrize(
    ("workload", "settings", "message"),
    [
        ("train/digit", {}, "did you mean train/digits"),
        ("train/digits", {"batch": 0}, "from 1 to 1437"),
        ("train/digits", {"btach": 3}, "did you mean batch?"),
    ],
)
def test_a_wrong_order_is_bad_input_before_torch_is_imported(
    workload: str, settings: dict[str, int], message: str
) -> None:
    refused = talk(start(workload, "", **settings))
    assert refused.failure.kind == "bad-input"
    assert message in refused.failure.message
    assert len(refused.of(Hello)) == 1
    assert refused.status == 1


def test_cuda_that_is_not_there_is_said_with_what_to_do() -> None:
    hidden = ("env", "CUDA_VISIBLE_DEVICES=", *WORKER)
    refused = talk(start("probe/copy", "", device="cuda"), command=hidden)
    assert refused.failure.kind == "no-cuda"
    assert refused.failure.remedy == "run on the CPU: --set device=cpu"


def test_stop_ends_a_run_as_interrupted_and_sigint_does_not() -> None:
    with ForkedWorker(MISBEHAVING) as process:
        say_until_it_waits(process)
        assert process.stdin
        process.send_signal(signal.SIGINT)
        process.stdin.write(frame_bytes(Stop()))
        process.stdin.flush()
        assert ending(process) == ("interrupted", 0)


def test_sigterm_is_stop_too_even_before_the_order() -> None:
    with open_worker() as process:
        assert process.stdout
        assert any(isinstance(f, Hello) for f in FrameReader().feed(os.read(process.stdout.fileno(), 65_536)))
        process.send_signal(signal.SIGTERM)
        assert ending(process) == ("interrupted", 0)


def test_a_worker_ends_with_its_stdin_whatever_it_is_doing() -> None:
    with ForkedWorker(MISBEHAVING) as process:
        say_until_it_waits(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait(20) == ORPHANED


def test_a_worker_ends_with_its_parent() -> None:
    """Its stdin stays open, held by this test: only the kernel's signal is left."""
    reading, writing = os.pipe()
    script = (
        f"import subprocess, os; subprocess.Popen({MISBEHAVING!r}, stdin={reading}); os.read({reading}, 0); input()"
    )
    order = frame_bytes(start("test/misbehaving", "", how="wait"))
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(reading,)
    ) as parent:
        os.write(writing, order)
        assert parent.stdout
        reader = FrameReader()
        while not any(isinstance(frame, Hello) for frame in reader.feed(os.read(parent.stdout.fileno(), 65_536))):
            pass
        parent.kill()
        while os.read(parent.stdout.fileno(), 65_536):
            pass  # the end of file comes when the worker, too, has let go of the pipe
    os.close(reading)
    os.close(writing)


def say_until_it_waits(process: ForkedWorker) -> None:
    """Give the order to wait, and listen until the workload says that it does."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(frame_bytes(start("test/misbehaving", "", how="wait")))
    process.stdin.flush()
    reader = FrameReader()
    while data := os.read(process.stdout.fileno(), 65_536):
        if any(isinstance(frame, Log) and frame.text == "waiting" for frame in reader.feed(data)):
            return
    raise AssertionError("it ended")


def ending(process: subprocess.Popen[bytes] | ForkedWorker) -> tuple[str, int]:
    """The outcome that it says, and its exit status."""
    heard, reader = Talk(), FrameReader()
    assert process.stdout
    while data := os.read(process.stdout.fileno(), 65_536):
        heard.frames.extend(reader.feed(data))
    assert not heard.of(Failure)
    return heard.done.outcome, process.wait()
