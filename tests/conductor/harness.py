"""Starts real conductors over small real workers, and reads what they left."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.conductor.spawn import StartingConductor
from app.session.planning.plan import Plan, PlannedRun
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalReader
from workloads.wire.frames import AnyFrame

HERE = Path(__file__).parent

LIMIT_S = 120.0
"""No claim: only so that a broken conductor fails a test instead of stopping the suite."""


def plan_of(*deeds: str, sampler: str = "waits", name: str = "faults") -> Plan:
    """A plan of as many runs as there are deeds. They share one worker command, so the deeds must be equal."""
    assert len(set(deeds)) == 1
    return Plan(
        name=name,
        runs=tuple(PlannedRun(run=number, workload="train/digits") for number in range(1, len(deeds) + 1)),
        created_ns=time.time_ns(),
        worker=(sys.executable, "-P", str(HERE / "worker.py"), deeds[0]),
        sampler=(sys.executable, "-P", str(HERE / "sampler.py"), sampler),
    )


@contextlib.contextmanager
def conducted(home: Path, plan: Plan) -> Iterator[tuple[SessionFolder, subprocess.Popen[bytes]]]:
    """A session on its way, ready for commands; whatever happens, nothing of it is left running."""
    folder = create_session(home, plan)
    starting = StartingConductor(folder)
    try:
        starting.wait_ready()
        yield folder, starting.process
    finally:
        if starting.process.poll() is None:
            starting.process.kill()
        starting.process.wait(LIMIT_S)


def finished(home: Path, plan: Plan) -> SessionFolder:
    """A session that ran to its end by itself."""
    with conducted(home, plan) as (folder, process):
        process.wait(LIMIT_S)
    return folder


def journal(folder: SessionFolder) -> list[AnyFrame]:
    """The whole frames that are in the journal now; empty while there is none."""
    return list(JournalReader(folder.journal)) if folder.journal.is_file() else []


def until(what: Callable[[], object]) -> None:
    """Return once something is so. Fails after LIMIT_S."""
    deadline = time.monotonic() + LIMIT_S
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        select.select((), (), (), 0.01)


def is_alive(pid: int) -> bool:
    """Whether a process exists and is more than a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


def until_gone(pid: int) -> None:
    """Return once a process that need not be our child has ended. Fails after LIMIT_S."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select((handle,), (), (), LIMIT_S)
        assert ended, f"process {pid} goes on"
    finally:
        os.close(handle)


def kill(pid: int) -> None:
    """SIGKILL."""
    os.kill(pid, signal.SIGKILL)
