"""`benchtop exec` as a user gives it: streams and exit status are the command's, and nothing of it is left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from app.session.store.folder import SessionFolder, list_sessions
from app.session.store.lock import is_locked
from tests.cli.test_commands import benchtop, command, environment
from tests.conductor.harness import kill, until

EXEC = ("exec", "--headless", "--idle", "0")


def run(home: Path, *program: str, options: tuple[str, ...] = (), **more: object) -> subprocess.CompletedProcess[bytes]:
    """A program to its end, headless."""
    words = command(*EXEC, *options, "--", *program)
    return subprocess.run(words, env=environment(home), capture_output=True, check=False, timeout=60, **more)  # type: ignore[call-overload,no-any-return]


def session(home: Path) -> SessionFolder:
    (folder,) = list_sessions(home / "sessions")
    return folder


def test_streams_and_status_are_the_commands(tmp_path: Path) -> None:
    script = r"cat; printf '\000\377 no end'; printf 'bad\r' >&2; exit 3"
    done = run(tmp_path, "sh", "-c", script, input=b"\x01given\xfe")
    assert done.returncode == 3
    assert done.stdout == b"\x01given\xfe\x00\xff no end"
    assert b"bad\r\n" in done.stderr, "lines about the session stand on lines of their own"
    assert b"ended with exit status 3: bad" in done.stderr
    manifest = session(tmp_path).read_manifest()
    assert manifest.outcome == "failed"
    assert manifest.runs[0].exit_status == 3
    logs = pl.read_parquet(session(tmp_path).table("logs"))
    assert "bad" in logs.filter(origin="stderr")["text"]


def test_a_command_without_torch_leaves_a_session_that_can_be_read(tmp_path: Path) -> None:
    done = run(tmp_path, "sh", "-c", "echo said; sleep 0.6", options=("--json", "--name", "Mine"))
    assert done.returncode == 0
    (told,) = json.loads(done.stdout)["runs"]
    assert told["workload"] == "exec"
    assert told["title"] == "sh -c 'echo said; sleep 0.6'"
    assert told["exit_status"] == 0
    assert any(gauge["device"] == "worker" for gauge in told["gauges"])
    assert b"said\n" in done.stderr, "stdout is the document's"
    shown = benchtop("show", "mine", home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "configuration   command=sh -c 'echo said; sleep 0.6'" in shown.stdout
    assert "sh -c 'echo said; sleep 0.6'" in benchtop("ls", home=tmp_path).stdout


def test_a_flood_comes_through_whole(tmp_path: Path) -> None:
    script = "import sys; block = bytes(range(256)) * 4096\nfor n in range(20): sys.stdout.buffer.write(block)"
    words = command(*EXEC, "--", sys.executable, "-S", "-c", script)
    with subprocess.Popen(words, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        size, expected = 0, bytes(range(256)) * 512
        while data := process.stdout.read(len(expected)):
            assert data == expected[: len(data)]
            size += len(data)
    assert size == 20 << 20
    assert process.returncode == 0
    assert session(tmp_path).table("logs").stat().st_size < 1 << 20


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("exec",), 2, "name the command behind --"),
        (("exec", "--"), 2, "name the command behind --"),
        (("exec", "--", ""), 2, "is empty"),
        (("exec", "python", "train.py", "--epochs", "3"), 2, "benchtop exec -- python train.py --epochs 3"),
        (("exec", "--", "--headless", "python"), 2, "options of benchtop stand before --"),
        (("exec", "--duration", "0", "--", "true"), 2, "--duration 0"),
        (("exec", "--bad", "--", "true"), 2, "--bad"),
        (("exec", "--", "no-such-command-here"), 127, "command not found"),
        (("exec", "--", "./no-such-file"), 127, "is not there"),
        (("exec", "--", "/etc/passwd"), 126, "may not be run"),
        (("exec", "--", "/etc"), 126, "is a folder"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, arguments: tuple[str, ...], status: int, words: str) -> None:
    refused = benchtop(*arguments, home=tmp_path)
    assert refused.returncode == status
    assert len(refused.stderr.splitlines()) == 1
    assert words in refused.stderr
    assert not list_sessions(tmp_path / "sessions"), "nothing was started"


WAITING = "trap 'echo saving; exit 5' INT; echo ready; while :; do sleep 0.02; done"


@contextlib.contextmanager
def going(home: Path, *program: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that has said `ready`."""
    words = command(*EXEC, "--", *program)
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment(home), stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process


def test_ctrl_c_reaches_the_command(tmp_path: Path) -> None:
    with going(tmp_path, "sh", "-c", WAITING) as process:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert said == b"saving\n"
    assert process.returncode == 5
    assert session(tmp_path).read_manifest().outcome == "interrupted"


def test_sigterm_reaches_the_command_as_what_it_is(tmp_path: Path) -> None:
    waiting = "trap 'echo no' INT; trap 'echo saving; exit 6' TERM; echo ready; while :; do sleep 0.02; done"
    with going(tmp_path, "sh", "-c", waiting) as process:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    assert said == b"saving\n"
    assert process.returncode == 6
    assert session(tmp_path).read_manifest().outcome == "interrupted"


def test_a_signal_of_the_commands_own_reaches_it_and_ends_nothing(tmp_path: Path) -> None:
    waiting = "trap 'echo kept' USR1; trap 'exit 4' USR2; echo ready; while :; do sleep 0.02; done"
    with going(tmp_path, "sh", "-c", waiting) as process:
        assert process.stdout
        process.send_signal(signal.SIGUSR1)
        assert process.stdout.readline() == b"kept\n"
        process.send_signal(signal.SIGUSR2)
        process.communicate(timeout=60)
    assert process.returncode == 4


def test_a_second_signal_ends_what_does_not_listen(tmp_path: Path) -> None:
    with going(tmp_path, "sh", "-c", "trap '' INT TERM; echo ready; while :; do sleep 0.02; done") as process:
        assert process.stderr
        process.send_signal(signal.SIGTERM)
        while b"stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130


def test_nothing_is_left_when_the_conductor_is_killed(tmp_path: Path) -> None:
    mark = f"BENCHTOP_TEST={os.getpid()}-{tmp_path.name}"
    with going(tmp_path, "sh", "-c", f"export {mark}; setsid sleep 1000 & sleep 1000 & echo ready; wait") as process:
        folder = session(tmp_path)
        until(lambda: len(marked(mark)) >= 2)
        kill(conductor_of(folder))
        process.communicate(timeout=60)
    until(lambda: not marked(mark))
    assert not is_locked(folder)
    assert folder.read_manifest().outcome == "interrupted"


def marked(mark: str) -> list[int]:
    """Processes with that variable in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def conductor_of(folder: SessionFolder) -> int:
    """The process that holds a session."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdecimal() else []
            if b"app.conductor" in words and str(folder.path).encode() in words:
                return int(entry.name)
    raise AssertionError("it has no conductor")


TRAIN = """
import torch
torch.set_num_threads(1)
net = torch.nn.Linear(8, 2)
optimizer = torch.optim.SGD(net.parameters(), 0.1)
for step in range(60):
    optimizer.zero_grad()
    net(torch.randn(4, 8)).sum().backward()
    optimizer.step()
print("trained")
"""


def test_a_script_that_knows_nothing_of_it_is_measured(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(TRAIN)
    done = run(tmp_path, sys.executable, str(script), options=("--json",))
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["runs"]
    assert told["started"]["unit"] == "sample"
    assert told["times"]["count"] == 55
    assert told["parts"]["backward_ms"] > 0
    steps = pl.read_parquet(session(tmp_path).table("steps"))
    assert set(steps["phase"].unique()) == {"warmup", "measure"}


def test_whoever_reads_slowly_gets_all_of_it(tmp_path: Path) -> None:
    """More than one pipe holds, from a command that has ended before it is read."""
    gone = tmp_path / "gone"
    words = command(*EXEC, "--", "sh", "-c", f"echo ready; head -c 100000 /dev/zero; touch {gone}")
    pipe = subprocess.PIPE
    # Without a buffer: what one would read ahead, `communicate` would not give.
    with subprocess.Popen(words, env=environment(tmp_path), stdout=pipe, stderr=pipe, bufsize=0) as process:
        assert process.stdout
        assert process.stdout.read(6) == b"ready\n"
        until(gone.exists)
        said, _ = process.communicate(timeout=60)
    assert said == b"\0" * 100_000
