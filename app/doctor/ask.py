"""Asking another process, for no longer than a time limit: it may hang in a driver, even beyond a kill."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

LAST_WAIT_S = 1.0
"""How long a killed process is waited for; one that hangs in the kernel is left behind."""


class Answer(NamedTuple):
    """What a process said."""

    output: bytes
    """All of it, or as much as came in time."""
    errors: str
    status: int | None
    """None: it was killed, because its time was over."""


def ask(command: Sequence[str], patience_s: float) -> Answer:
    """Run a command → its answer. Raises OSError when it cannot be started."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        output, errors = process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired as late:
        _give_up(process)
        return Answer(late.output or b"", (late.stderr or b"").decode(errors="replace"), None)
    return Answer(output, errors.decode(errors="replace"), process.returncode)


def _give_up(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LAST_WAIT_S)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
