"""What a worker's end means: exit status, signal and last words → a Failure in one clear line with a remedy.

Pure. Never ends anything itself.
"""

from __future__ import annotations

import errno
from pathlib import Path

from workloads.end_signals import ENDED_FROM_OUTSIDE, NATIVE_FAULT, SEE_LOG, kind_of_end, signal_name
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
    kind, name = kind_of_end(status, out_of_memory=out_of_memory), signal_name(-status)
    if status >= 0:
        said = f": {last_words[-1]}" if last_words else ""
        message, remedy = f"the worker ended with exit status {status}{said}", SEE_LOG
    elif kind == "crashed":
        message, remedy = f"the worker crashed with {name}", NATIVE_FAULT
    elif kind == "out-of-memory":
        message = f"the kernel ended the worker because the host was out of memory ({name})"
        remedy = "set batch or size smaller with --set, or free memory; `benchtop doctor` shows what is free"
    else:
        message, remedy = f"the worker was killed by {name}", ENDED_FROM_OUTSIDE
    return Failure(run=run, at_ns=at_ns, kind=kind, message=message, remedy=remedy, detail="\n".join(last_words))


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
