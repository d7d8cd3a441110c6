"""A real process without its seconds of importing torch: forked from a server that has imported it once.

The process, its pipes and its end are as real as any other's, and it runs the same command from its first line on.
What a fresh interpreter does before that is left to the tests that start one.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        "torch._dynamo",
        "torch.distributed.fsdp",
        "torch.distributed.launcher.api",
        "workloads.launch",
        "workloads.train.digits",
        "workloads.witness.watch",
    ]
)


class ForkedWorker:
    """What of `subprocess.Popen` tests need, over three pipes."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None, folder: str = "") -> None:
        (orders, into), (out, frames), (errors, last_words) = (_SERVER.Pipe(duplex=False) for _ in range(3))
        self._process = _SERVER.Process(target=_become, args=(command, environment, folder, orders, frames, last_words))
        self._process.start()
        for theirs in (orders, frames, last_words):
            theirs.close()
        self.stdin, self.stdout, self.stderr = _file(into, "wb"), _file(out, "rb"), _file(errors, "rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (self.stdin, self.stdout, self.stderr):
            file.close()
        self.wait()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, limit_s: float | None = None) -> int:
        """Its exit status."""
        self._process.join(limit_s)
        assert self._process.exitcode is not None
        return self._process.exitcode


def run_script(program: Path, *more: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A short script in its folder, with the site of that environment as a fresh Python would have it."""
    command = (sys.executable, str(program), *more)
    with ForkedWorker(command, environment, str(program.parent)) as process:
        out, errors = process.stdout.read(), process.stderr.read()
        return subprocess.CompletedProcess(command, process.wait(), out.decode(), errors.decode())


def _file(end: Connection, mode: str):  # type: ignore[no-untyped-def]
    """An end of a pipe as a file."""
    with end:
        return open(os.dup(end.fileno()), mode)  # noqa: PTH123 - a descriptor


def _become(command: Sequence[str], environment: Mapping[str, str] | None, folder: str, *streams: Connection) -> None:
    """Be what `python -P -m MODULE` or `python SCRIPT` is, on these streams."""
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
    os.closerange(len(streams), os.sysconf("SC_OPEN_MAX"))
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    assert command[0] == sys.executable
    if folder:
        os.chdir(folder)
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
        for place in filter(None, environment.get("PYTHONPATH", "").split(os.pathsep)):
            sys.path.insert(0, place)
            runpy.run_path(str(Path(place, "sitecustomize.py")))
    if command[1:3] == ("-P", "-m"):
        sys.argv = list(command[3:])
        runpy.run_module(command[3], run_name="__main__", alter_sys=True)
    else:
        sys.argv, sys.orig_argv = list(command[1:]), list(command)
        sys.path.insert(0, str(Path(command[1]).parent))
        runpy.run_path(command[1], run_name="__main__")
