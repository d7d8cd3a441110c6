"""What the end of the command means: exit status, signal and last words → a Failure of one clear line. Pure."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Sequence
from typing import Final

from workloads.end_signals import ENDED_FROM_OUTSIDE, NATIVE_FAULT, SEE_LOG, kind_of_end, signal_name
from workloads.exec.naming import short_command
from workloads.wire.frames import Failure

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
    name, detail = f"`{short_command(command)}`", "\n".join(last_words)
    kind = kind_of_end(status, out_of_memory=out_of_memory)
    if status >= 0:
        said = f": {last_words[-1]}" if last_words else ""
        message, remedy = f"{name} ended with exit status {status}{said}", SEE_LOG
        if any(word in detail for word in _NO_DEVICE_MEMORY):
            kind = "cuda-out-of-memory"
        return Failure(at_ns=at_ns, kind=kind, message=message, remedy=remedy, detail=detail)
    if kind == "crashed":
        remedy = NATIVE_FAULT
    elif kind == "out-of-memory":
        remedy = "the kernel ended it for want of memory: use a smaller batch, or free memory"
    elif -status == signal.SIGKILL:
        remedy = "somebody ended it, or the kernel for want of memory; `benchtop doctor` shows what is free"
    else:
        remedy = ENDED_FROM_OUTSIDE
    message = f"{name} was ended by {signal_name(-status)}"
    return Failure(at_ns=at_ns, kind=kind, message=message, remedy=remedy, detail=detail)


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
