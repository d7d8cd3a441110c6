"""What the end of the command means: exit status, signal and last words → a Failure of one clear line. Pure."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Sequence
from typing import Final

from workloads.end_signals import FAULTS, NATIVE_FAULT, SEE_LOG, signal_name
from workloads.exec.naming import short_command
from workloads.wire.frames import Failure, FailureKind

NOT_FOUND: Final = 127
"""Exit status of a shell for a command that is not there."""
NOT_EXECUTABLE: Final = 126
"""And for one that may not be run."""

_NO_DEVICE_MEMORY: Final = ("torch.OutOfMemoryError", "torch.cuda.OutOfMemoryError", "CUDA out of memory")
"""How torch says so, in the versions that are heard."""


def failure_of_command(
    command: Sequence[str], status: int, last_words: Sequence[str], at_ns: int, *, out_of_memory: bool = False
) -> Failure:
    """A command that did not end well by itself; `status` is negative for a signal.

    `out_of_memory`: the kernel ended a process for want of memory while it ran.
    """
    name, detail = short_command(command), "\n".join(last_words)
    if status >= 0:
        said = f": {last_words[-1]}" if last_words else ""
        starved = any(word in detail for word in _NO_DEVICE_MEMORY)
        return Failure(
            at_ns=at_ns,
            kind="cuda-out-of-memory" if starved else "crashed",
            message=f"`{name}` ended with exit status {status}{said}",
            remedy=SEE_LOG,
            detail=detail,
        )
    kind: FailureKind = "killed"
    remedy = "somebody or something outside benchtop ended it; run it again"
    if -status in FAULTS:
        kind, remedy = "crashed", NATIVE_FAULT
    elif -status == signal.SIGKILL:
        remedy = "somebody ended it, or the kernel for want of memory; `benchtop doctor` shows what is free"
        if out_of_memory:
            kind, remedy = (
                "out-of-memory",
                "the kernel ended it for want of memory: use a smaller batch, or free memory",
            )
    return Failure(
        at_ns=at_ns, kind=kind, message=f"`{name}` was ended by {signal_name(-status)}", remedy=remedy, detail=detail
    )


def failure_of_start(command: Sequence[str], number: int, folder: str, at_ns: int) -> Failure:
    """A command that could not be started, with the number of the error."""
    reason = os.strerror(number)
    remedy = "check that the command exists and may be run"
    if number in (errno.ENOENT, errno.ENOTDIR) and folder and not os.path.isdir(folder):  # noqa: PTH112 - a text
        reason, remedy = f"the folder {folder} is not there", "start it from a folder that is"
    elif number == errno.ENOENT:
        reason = "there is no such command"
    return Failure(
        at_ns=at_ns,
        kind="cannot-start",
        message=f"`{short_command(command)}` cannot be started: {reason}",
        remedy=remedy,
    )


def status_of_start(number: int) -> int:
    """The exit status that a shell gives for it."""
    return NOT_FOUND if number in (errno.ENOENT, errno.ENOTDIR) else NOT_EXECUTABLE
