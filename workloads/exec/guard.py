"""The process between the listener and the command: it starts the command, and nothing of it outlives it.

It is forked from the listener before that has threads, lives in a session of its own, and knows a leash: a socket
whose other end is the listener's. When the leash ends, whatever ended the listener, everything below is killed. A
killed guard takes the command with it, and the listener, which adopts too, ends the rest.

On the leash come single bytes, INTERRUPT, TERMINATE, KILL and those of PASSED; back go lines: `failed ERRNO`,
`ended STATUS`. The leash ends when the last process is gone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import shutil
import signal
import socket
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from workloads.exec.family import adopt, descendants, kill_all, reap, send
from workloads.orders import die_with_parent

INTERRUPT: Final = b"I"
TERMINATE: Final = b"T"
KILL: Final = b"K"
PASSED: Final = {signal.SIGUSR1: b"1", signal.SIGUSR2: b"2"}
"""Signals that mean something to the command alone: schedulers send them before they take a machine away."""

GONE_S: Final = 0.5
"""Once the command has ended, so long may what it started take to end by itself; a resource tracker does."""
TERMINATED_S: Final = 2.0
"""After that it is asked to, and has this long."""
_SHELL: Final = "/bin/sh"


class Job(NamedTuple):
    """What is to be started."""

    command: tuple[str, ...]
    folder: str
    """Where; empty: here."""
    environment: Mapping[str, str]
    streams: tuple[int, int, int]
    """Its stdin, stdout and stderr."""
    private: str
    """A folder that is needed no longer than the command: a listener that is killed could not remove it."""


def fork_guard(job: Job) -> socket.socket:
    """Start a guard, which starts the job → the listener's end of the leash. Before any thread."""
    ours, its = socket.socketpair()
    if os.fork():
        its.close()
        return ours
    try:
        ours.close()
        _guard(job, its)
    finally:
        os._exit(0)


def _guard(job: Job, leash: socket.socket) -> None:
    os.setsid()
    adopt()
    _let_go({*job.streams, leash.fileno()})
    wakes, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    pid = _start(job, leash)
    for stream in job.streams:
        os.close(stream)
    if pid is not None:
        _watch(pid, leash, wakes)
    kill_all()
    shutil.rmtree(job.private, ignore_errors=True)


def _watch(pid: int, leash: socket.socket, wakes: int) -> None:
    """Until the command and what it started are gone, or the leash ends, or KILL comes."""
    over_ns: int | None = None
    asked = False
    while True:
        readable, _, _ = select.select((leash.fileno(), wakes), (), (), None if over_ns is None else 0.05)
        if wakes in readable:
            os.read(wakes, 4096)
        status = reap().get(pid)
        if status is not None:
            _say(leash, f"ended {status}")
            over_ns = time.monotonic_ns()
        if over_ns is not None:
            if not descendants():
                return
            passed_s = (time.monotonic_ns() - over_ns) / 1e9
            if passed_s > GONE_S and not asked:
                asked = True
                send(descendants(), signal.SIGTERM)
            if passed_s > GONE_S + TERMINATED_S:
                return
        if leash.fileno() in readable and not _obey(pid if over_ns is None else None, leash):
            if over_ns is None:
                _say(leash, f"ended {kill_all().get(pid, -signal.SIGKILL)}")
            return


def _obey(pid: int | None, leash: socket.socket) -> bool:
    """What came on the leash; False when everything is to end now."""
    try:
        orders = leash.recv(64)
    except OSError:
        orders = b""
    if not orders or KILL in orders:
        return False
    for number, order in ((signal.SIGINT, INTERRUPT), (signal.SIGTERM, TERMINATE), *PASSED.items()):
        if order in orders and pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number)
    return True


def _start(job: Job, leash: socket.socket) -> int | None:
    """The command's pid; None where it could not be started, which was said then."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            _become(job)
        except OSError as error:
            os.write(writing, str(error.errno or errno.EINVAL).encode())
        except BaseException:  # noqa: BLE001 - nothing may go on in this process
            os.write(writing, str(errno.EINVAL).encode())
        finally:
            os._exit(127)
    os.close(writing)
    problem = os.read(reading, 16)
    os.close(reading)
    if problem:
        os.waitpid(pid, 0)
        _say(leash, f"failed {problem.decode()}")
        return None
    return pid


def _become(job: Job) -> None:
    """Between fork and exec: nothing of benchtop's is left to see but the environment. Raises OSError."""
    os.setsid()
    die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    # Twice: one of ours may have a number that another is to get.
    moved = [os.dup(stream) for stream in job.streams]
    for target, stream in enumerate(moved):
        os.dup2(stream, target)
    if job.folder:
        os.chdir(job.folder)
    environment = dict(job.environment)
    try:
        os.execvpe(job.command[0], job.command, environment)  # noqa: S606 - it is the user's own
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script without `#!`: every shell runs it itself.
        script = shutil.which(job.command[0], path=environment.get("PATH")) or job.command[0]
        os.execve(_SHELL, (_SHELL, script, *job.command[1:]), environment)  # noqa: S606


def _let_go(but: set[int]) -> None:
    """What is open is the listener's: commands, frames, the other ends of the streams.

    Its stderr stays: the conductor waits for the end of that, and so for ours.
    """
    for stream in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - numbers
        if stream > 2 and stream not in but:
            with contextlib.suppress(OSError):
                os.close(stream)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _say(leash: socket.socket, line: str) -> None:
    with contextlib.suppress(OSError):
        leash.sendall(f"{line}\n".encode())
