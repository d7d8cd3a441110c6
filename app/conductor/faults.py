"""What a worker's end means: exit status, signal and last words → a Failure in one clear line with a remedy.

Pure. Never ends anything itself.
"""

from __future__ import annotations

import errno
import signal
from pathlib import Path

from workloads.end_signals import FAULTS, NATIVE_FAULT, SEE_LOG, signal_name
from workloads.wire.frames import Failure

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the kernel says when no more can be written: no space, no quota, a limit on file size."""


def failure_of_exit(
    status: int, *, run: int, at_ns: int, last_words: tuple[str, ...] = (), out_of_memory: bool = False
) -> Failure:
    """A worker that ended without saying Done.

    `status` is the exit status, negative for a signal; `out_of_memory` says that the kernel ended a
    process for want of memory while the worker ran.
    """
    detail = "\n".join(last_words)
    if status >= 0:
        said = f": {last_words[-1]}" if last_words else ""
        return Failure(
            run=run,
            at_ns=at_ns,
            kind="crashed",
            message=f"the worker ended with exit status {status}{said}",
            remedy=SEE_LOG,
            detail=detail,
        )
    number = -status
    name = signal_name(number)
    if number == signal.SIGKILL and out_of_memory:
        return Failure(
            run=run,
            at_ns=at_ns,
            kind="out-of-memory",
            message="the kernel ended the worker because the host was out of memory (SIGKILL)",
            remedy="set batch or size smaller with --set, or free memory; `benchtop doctor` shows what is free",
            detail=detail,
        )
    if number in FAULTS:
        return Failure(
            run=run,
            at_ns=at_ns,
            kind="crashed",
            message=f"the worker crashed with {name}",
            remedy=NATIVE_FAULT,
            detail=detail,
        )
    return Failure(
        run=run,
        at_ns=at_ns,
        kind="killed",
        message=f"the worker was killed by {name}",
        remedy="somebody or something outside benchtop ended it; run it again",
        detail=detail,
    )


def failure_of_stream(damage: str, *, run: int, at_ns: int) -> Failure:
    """A worker whose stdout is not frames, or frames of another version."""
    return Failure(
        run=run,
        at_ns=at_ns,
        kind="garbage",
        message=f"the worker sent something that is no frame ({damage}); it was ended",
        remedy="a command in front of the worker must pass stdout on unchanged",
    )


def failure_of_start(error: OSError, command: tuple[str, ...], *, run: int, at_ns: int) -> Failure:
    """A worker that could not even be started."""
    return Failure(
        run=run,
        at_ns=at_ns,
        kind="cannot-start",
        message=f"the worker could not be started: {error.strerror or error}: {command[0]}",
        remedy="check that the command exists and may be run",
    )


def failure_of_disk(error: OSError, folder: Path, *, at_ns: int) -> Failure:
    """A journal that can take no more."""
    if error.errno in FULL_DISK:
        message = f"the disk is full: the session was stopped; what was written until then is in {folder}"
        remedy = "free space (or set BENCHTOP_HOME to another disk) and run again"
    else:
        message = f"the journal cannot be written ({error.strerror}): the session was stopped; the rest is in {folder}"
        remedy = "check the disk, or set BENCHTOP_HOME to another one"
    return Failure(at_ns=at_ns, kind="disk-full", message=message, remedy=remedy)
