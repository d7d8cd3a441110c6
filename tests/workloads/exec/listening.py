"""A real listener over a real command, and hooks that are made up: they say what they are told to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.workloads.process import Talk, talk
from workloads.wire.commands import AnyCommand, Start

LISTENER = (sys.executable, "-P", "-m", "workloads.exec", "--")


def start(folder: Path, **more: object) -> Start:
    """The order to start, in that folder."""
    return Start(
        run=1,
        workload="exec",
        parameters={},
        seed=0,
        folder=str(folder),
        working_folder=str(folder),
        **more,  # type: ignore[arg-type]
    )


def listen(folder: Path, command: Sequence[str], *orders: AnyCommand, **more: object) -> Talk:
    """Run a command to its end."""
    return talk(start(folder, **more), *orders, command=(*LISTENER, *command))


def said_until(process: subprocess.Popen[bytes], word: bytes) -> bytes:
    """What a listener says up to a word, which must come before its end."""
    assert process.stdout
    said = b""
    while word not in said:
        data = process.stdout.read1(65_536)  # type: ignore[attr-defined]
        assert data, f"it ended before it said {word!r}: {said!r}"
        said += data
    return said


def python(text: str) -> tuple[str, ...]:
    """A Python without torch, which finds this program's modules as the tests do."""
    return (sys.executable, "-S", "-c", text)


ROOT = Path(__file__).parents[3]

HOOK = (
    f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
"""
    """
import os, socket, struct, time
from array import array
from workloads.hook.messages import message, packed_rows
line = socket.socket(socket.AF_UNIX)
line.connect(os.environ["BENCHTOP_HOOK"])
began = time.monotonic_ns()
def hello(**more):
    said = dict(kind="hello", pid=os.getpid(), argv=["python", "train.py"], python="3.9.1", torch="2.4.0", device="cpu",
                device_name="a processor", precision="float32", threads=3)
    line.sendall(message({**said, **more}))
def phase(name):
    line.sendall(message(dict(kind="phase", at_ns=time.monotonic_ns(), phase=name)))
def steps(count, samples=32, **more):
    rows = [(time.monotonic_ns() - 1000, 1000, samples, 10) for _ in range(count)]
    line.sendall(packed_rows("steps", ("start_ns", "wall_ns", "samples", "data_wait_ns"), rows, more=more))
"""
)
"""The beginning of a program that speaks as a hook does."""


def hooked(text: str) -> tuple[str, ...]:
    """Such a program."""
    return python(HOOK + text)
