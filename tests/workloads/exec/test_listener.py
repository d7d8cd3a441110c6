"""A command of the user's: what it prints, how it ends, what it sees, and that nothing of it is left."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.conductor.harness import is_alive, kill, until, until_gone
from tests.workloads.exec.listening import LISTENER, hooked, listen, python, said_until, start
from tests.workloads.process import open_worker
from workloads.wire.columns import unpack
from workloads.wire.commands import AnyCommand, SetKnob, Stop, TakeProfile, Try
from workloads.wire.frames import Event, Failure, Gauges, Hello, Log, Phase, Profile, RunStarted, Steps
from workloads.wire.framing import FrameReader, frame_bytes


def test_what_it_prints_is_logged_and_a_run_without_torch_is_measured_from_its_start(tmp_path: Path) -> None:
    heard = listen(tmp_path, ("sh", "-c", "echo out; echo err >&2; printf half"))
    assert heard.logged("stdout") == ["out", "half"]
    assert heard.logged("stderr") == ["err"]
    assert (heard.done.outcome, heard.done.exit_status, heard.status) == ("done", 0, 0)
    assert heard.one(RunStarted).parameters == {"command": "sh -c 'echo out; echo err >&2; printf half'"}
    assert heard.one(RunStarted).device == ""
    measure, cooldown = heard.of(Phase)
    assert (measure.phase, cooldown.phase) == ("measure", "cooldown")
    assert heard.one(RunStarted).at_ns == measure.at_ns < cooldown.at_ns <= heard.done.at_ns


@pytest.mark.parametrize(
    ("script", "status", "kind", "words"),
    [
        ("echo first >&2; echo it broke >&2; exit 3", 3, "crashed", "ended with exit status 3: it broke"),
        ("kill -KILL $$", -signal.SIGKILL, "killed", "was ended by SIGKILL"),
        ("kill -SEGV $$", -signal.SIGSEGV, "crashed", "was ended by SIGSEGV"),
        ("echo torch.OutOfMemoryError: CUDA out of memory. >&2; exit 1", 1, "cuda-out-of-memory", "exit status 1"),
    ],
)
def test_a_command_that_fails_says_how(tmp_path: Path, script: str, status: int, kind: str, words: str) -> None:
    heard = listen(tmp_path, ("sh", "-c", script))
    assert (heard.done.outcome, heard.done.exit_status, heard.status) == ("failed", status, 1)
    assert heard.failure.kind == kind
    assert words in heard.failure.message
    assert heard.failure.detail.splitlines() == heard.logged("stderr")


def test_a_command_that_cannot_be_started_is_told_in_a_line(tmp_path: Path) -> None:
    heard = listen(tmp_path, ("./not-there",))
    assert heard.failure.kind == "cannot-start"
    assert "no such command" in heard.failure.message
    assert heard.done.exit_status == 127


def test_a_script_without_an_interpreter_is_run_by_the_shell(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("echo $1\n")
    script.chmod(0o755)
    assert listen(tmp_path, ("./script", "a b")).logged("stdout") == ["a b"]


def test_it_sees_its_folder_the_environment_and_default_signals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "yes")
    told = (
        "import os, signal, sys, stat; print(os.getcwd()); print(os.environ['MINE']);"
        "print([signal.getsignal(n) is signal.SIG_IGN for n in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)]);"
        "print(sys.stdin.read() == '', sys.stdout.isatty(), os.listdir('/proc/self/fd') == ['0', '1', '2', '3']);"
        "print(os.environ['PYTHONPATH'].split(':')[0].endswith('/workloads/hook/site'));"
        "print(stat.S_IMODE(os.stat(os.path.dirname(os.environ['BENCHTOP_HOOK'])).st_mode) == 0o700)"
    )
    heard = listen(tmp_path, python(told))
    assert heard.logged("stdout") == [
        str(tmp_path),
        "yes",
        "[False, False, False]",
        "True False True",
        "True",
        "True",
    ]


def test_stop_interrupts_it_and_it_may_end_in_its_own_way(tmp_path: Path) -> None:
    with open_worker(
        (*LISTENER, "sh", "-c", "trap 'echo saving; exit 5' INT; echo ready; while :; do sleep 0.02; done")
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(frame_bytes(start(tmp_path)))
        process.stdin.flush()
        said = said_until(process, b"ready")
        process.stdin.write(frame_bytes(Stop()))
        process.stdin.flush()
        said += process.stdout.read()
    assert b"saving" in said
    assert b"interrupted" in said
    assert process.returncode == 0


def test_it_is_stopped_after_so_long(tmp_path: Path) -> None:
    heard = listen(tmp_path, ("sleep", "1000"), duration_s=0.2)
    assert (heard.done.outcome, heard.done.exit_status) == ("done", 0)
    assert any("stopped after 0.2 s" in line for line in heard.logged("exec"))


TREE = """
import os, subprocess, sys, time
for n in range(10):
    inner = "import subprocess; subprocess.run(['sleep', '1000'])"
    subprocess.Popen([sys.executable, "-S", "-c", inner], start_new_session=n % 2 == 0)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("daemon", "w").write(str(os.getpid()))
        time.sleep(1000)
    os._exit(0)
while not os.path.exists("daemon"):
    time.sleep(0.01)
print("ready", flush=True)
"""


def everybody(folder: Path) -> list[int]:
    """Processes that stand in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "cwd").readlink() == folder and is_alive(int(entry.name)):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_a_tree_of_processes_ends_with_the_command(tmp_path: Path) -> None:
    heard = listen(tmp_path, python(TREE))
    assert heard.logged("stdout") == ["ready"]
    assert heard.done.outcome == "done"
    assert everybody(tmp_path) == []


@pytest.mark.parametrize("victim", ["listener", "guard", "command"])
def test_a_tree_of_processes_ends_when_one_above_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, victim: str
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with open_worker((*LISTENER, *python(TREE + "time.sleep(1000)"))) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(frame_bytes(start(tmp_path)))
        process.stdin.flush()
        said = said_until(process, b"ready")
        until(lambda: len(everybody(tmp_path)) >= 20)
        (guard,) = children(process.pid)
        command = next(pid for pid in children(guard) if children(pid))
        kill({"listener": process.pid, "guard": guard, "command": command}[victim])
        said = process.stdout.read()
    until(lambda: everybody(tmp_path) == [])
    until_gone(guard)
    assert not list(temporary.iterdir())
    if victim == "command":
        assert b"was ended by SIGKILL" in said


def children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_a_flood_is_read_and_its_log_stays_small(tmp_path: Path) -> None:
    heard = listen(tmp_path, ("sh", "-c", "yes 'a line of output' | head -c 20000000; echo last >&2; exit 1"))
    assert heard.failure.detail == "last"
    assert 1_000 < len(heard.logged("stdout")) < 10_000
    assert any("left out" in line for line in heard.logged("stdout"))


def test_what_a_hook_says_becomes_a_run(tmp_path: Path) -> None:
    heard = listen(
        tmp_path,
        hooked(
            "hello(); phase('warmup'); steps(3); phase('measure'); steps(5)\n"
            "line.sendall(message(dict(kind='event', at_ns=began, event='mark', wall_ns=0, text='epoch 1')))\n"
            "line.sendall(message(dict(kind='gauges', at_ns=began, device='gpu0', readings={'torch_retries': 1.0})))\n"
            "line.sendall(message(dict(kind='done', at_ns=began, dropped=7)))"
        ),
    )
    started = heard.of(RunStarted)[-1]
    assert (started.unit, started.device, started.device_name, started.precision) == (
        "sample",
        "cpu",
        "a processor",
        "float32",
    )
    assert started.ranks == 1
    assert [phase.phase for phase in heard.of(Phase)] == ["warmup", "measure", "cooldown"]
    assert heard.column("samples") == [32] * 5
    assert heard.column("data_wait_ns", "warmup") == [10] * 3
    hello = heard.of(Hello)[-1]
    assert (hello.fingerprint.python, hello.fingerprint.torch, hello.fingerprint.torch_threads) == ("3.9.1", "2.4.0", 3)
    assert heard.one(Event).text == "epoch 1"
    assert heard.one(Gauges).source == "torch"
    assert heard.done.dropped == 7


def test_steps_of_unknown_size_count_as_one(tmp_path: Path) -> None:
    heard = listen(tmp_path, hooked("hello(); phase('measure'); steps(4, samples=0)"))
    assert heard.of(RunStarted)[-1].unit == "step"
    assert heard.column("samples") == [1] * 4


def test_it_is_stopped_after_so_many_measured_steps(tmp_path: Path) -> None:
    loop = "hello(); phase('measure')\nwhile True:\n    steps(5)\n    time.sleep(0.02)"
    heard = listen(tmp_path, hooked(loop), steps=10)
    assert heard.done.outcome == "done"
    assert heard.done.exit_status == 0
    assert len(heard.column("samples")) >= 10


ROWS = "hello(); line.sendall(packed_rows('steps', ('start_ns', 'wall_ns', 'samples', 'run', 'passes'), [{}]))"


@pytest.mark.parametrize(
    "said",
    [
        "line.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n' * 100)",
        "line.sendall(struct.pack('<II', 2**31, 2**31))",
        "line.sendall(message({'kind': 'nonsense'}) + message({'kind': 'hello', 'pid': 'x'}))",
        "line.sendall(struct.pack('<II', 200000, 0) + b'[' * 200000)",
        "hello(rank=2**40); phase('measure'); steps(1)",
        "hello(); line.sendall(message({'kind': 'steps', 'count': 5, 'columns': [['start_ns', 'q']]}, b'x'))",
        ROWS.format("(2**60, 1, 1, 0, 0)"),
        ROWS.format("(began, -5, 1, 0, 0)"),
        ROWS.format("(began, 5, 1, 9, 9)"),
        "hello(device_name='\\x1b[2J' * 40); phase('measure'); steps(1)",
        "hello()\nfor n in range(20000): line.sendall(message(dict(kind='log', at_ns=began, text='x' * 100)))",
        "each = [socket.socket(1) for n in range(1000)]\nfor one in each: one.connect(os.environ['BENCHTOP_HOOK'])",
    ],
)
def test_damage_never_ends_the_listener(tmp_path: Path, said: str) -> None:
    heard = listen(tmp_path, hooked(f"try:\n    exec({said!r})\nexcept OSError: pass\nprint('still here')"))
    assert heard.logged("stdout") == ["still here"]
    assert heard.done.outcome == "done"
    assert not heard.of(Failure)
    assert all(max(unpack(frame.start_ns)) < 2**60 for frame in heard.of(Steps))
    assert len(heard.of(Log)) < 6_000
    assert not any("\x1b" in started.device_name for started in heard.of(RunStarted))


def test_orders_reach_the_hooks_and_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    program = """
hello(rank=0); phase("measure"); steps(1)
from workloads.hook.messages import Unpacker, header_of
unpacker, found = Unpacker(), []
while len(found) < 2:
    found += unpacker.feed(line.recv(65536))
for header in (header_of(head) for head, _ in found):
    print(sorted(header.items()), flush=True)
    if header["kind"] == "profile":
        open(header["folder"] + "/profile-1.json.gz", "w").write("x")
        line.sendall(message(dict(kind="profile", at_ns=began, steps=3, file="../../etc/passwd")))
        line.sendall(message(dict(kind="profile", at_ns=began, steps=3, file="profile-1.json.gz", size_bytes=1)))
"""
    with open_worker((*LISTENER, *hooked(program))) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(frame_bytes(start(tmp_path)))
        process.stdin.flush()
        said = said_until(process, b"\xa5frame\xa5steps")
        orders: tuple[AnyCommand, ...] = (
            SetKnob(name="batch", value=3),
            Try(experiment="tf32", blocks=2),
            TakeProfile(steps=3),
        )
        process.stdin.write(b"".join(frame_bytes(order) for order in orders))
        process.stdin.flush()
        said += process.stdout.read()
    assert b"('experiment', 'tf32')" in said
    assert str(tmp_path).encode() in said
    assert b"batch cannot be changed" in said
    refused, kept = [frame for frame in FrameReader().feed(said) if isinstance(frame, Profile)]
    assert refused.file == ""
    assert kept.file == "profile-1.json.gz"
