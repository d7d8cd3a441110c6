"""Failures: every exception a run can end with → one line of what happened and one of what to do.

The only place where foreign errors are read; a traceback goes into `detail`, for the log. torch is looked at
only if it is there already, since failing to import it is one of the failures.

    MemoryError, torch on the CPU      out-of-memory
    torch.OutOfMemoryError             cuda-out-of-memory
    NoCuda, no kernel for the device   no-cuda
    ValueError                         bad-input
    OSError, no space left             disk-full
    ImportError                        cannot-start
    a DataLoader's process died        killed
    torch.compile without a compiler   bad-input
    anything else                      crashed
"""

from __future__ import annotations

import errno
import re
import sys
import traceback
from collections.abc import Mapping

from workloads.catalog import WorkloadEntry
from workloads.nocuda import NoCuda, explain_cuda
from workloads.wire.frames import Failure, FailureKind, Value

_SIZE = re.compile(r"[Tt]ried to allocate ([\d.]+ \w+)")
_FREE = re.compile(r"of which ([\d.]+ \w+) is free")
_LOADER_DIED = re.compile(r"DataLoader worker \(pid\S* (\d[\d, ]*)\) (.*)")
_NO_COMPILER = re.compile(r"No working C\+\+ compiler|Failed to find C compiler")
_CARRIED = "Original Traceback (most recent call last):"
"""Of an exception that a DataLoader's process or thread has handed on; its message is the last line."""


def as_failure(
    error: BaseException, at_ns: int, entry: WorkloadEntry | None = None, parameters: Mapping[str, Value] | None = None
) -> Failure:
    """The failure that an exception means. `entry` and `parameters` say what could be set smaller."""
    kind = _kind_of(error)
    smaller = _smaller(entry, parameters or {})
    message, remedy = {
        "cuda-out-of-memory": (_cuda_memory_line(str(error)), smaller),
        "out-of-memory": (_memory_line(str(error)), smaller),
        "no-cuda": (f"CUDA cannot be used: {explain_cuda(str(error))}", "run on the CPU: --set device=cpu"),
        "bad-input": (one_line(str(error)), ""),
        "disk-full": (f"the disk is full: {one_line(str(error))}", "make room, or move the sessions: BENCHTOP_HOME"),
        "killed": (_loader_line(str(error)), "if memory or /dev/shm is short: --set workers=1, or 0"),
        "cannot-start": (f"a package cannot be imported: {one_line(str(error))}", "install benchtop anew"),
    }.get(kind, (f"{type(error).__name__}: {one_line(str(error))}", "the traceback is in the session's log"))
    if _NO_COMPILER.search(str(error)):
        kind, message, remedy = "bad-input", "compile=true needs a C compiler", "install gcc, or --set compile=false"
    detail = "".join(traceback.format_exception(error))
    return Failure(at_ns=at_ns, kind=kind, message=message, remedy=remedy, detail=detail)


def _kind_of(error: BaseException) -> FailureKind:  # noqa: PLR0911 - one a kind
    text = str(error)
    if _is_of_cuda_memory(error):
        return "cuda-out-of-memory"
    if wants_memory(error):
        return "out-of-memory"
    if isinstance(error, NoCuda) or (isinstance(error, RuntimeError) and "no kernel image" in text):
        return "no-cuda"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk-full"
    if isinstance(error, ImportError):
        return "cannot-start"
    if isinstance(error, RuntimeError) and _LOADER_DIED.match(text):
        return "killed"
    return "bad-input" if isinstance(error, ValueError) else "crashed"


def wants_memory(error: BaseException) -> bool:
    """Whether there was not enough memory, of the host or of the device."""
    on_the_host = isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    return isinstance(error, MemoryError) or on_the_host or _is_of_cuda_memory(error)


def _is_of_cuda_memory(error: BaseException) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(error, torch.OutOfMemoryError)


def _cuda_memory_line(text: str) -> str:
    size, free = _SIZE.search(text), _FREE.search(text)
    asked = f": {size[1]} were asked for" if size else ""
    return f"the GPU is out of memory{asked}{f', {free[1]} are free' if free else ''}"


def _loader_line(text: str) -> str:
    died = _LOADER_DIED.match(text)
    return f"a process that loads data (pid {died[1]}) {died[2].strip().rstrip('.')}" if died else ""


def _memory_line(text: str) -> str:
    size = re.search(r"allocate (\d+) bytes", text)
    return f"out of memory{f': {int(size[1]) / 2**30:.1f} GiB were asked for' if size else ''}"


def _smaller(entry: WorkloadEntry | None, parameters: Mapping[str, Value]) -> str:
    """`set it smaller: --set batch=128 (now 256)`."""
    hints = []
    for parameter in entry.parameters if entry else ():
        now = parameters.get(parameter.name)
        if parameter.takes_memory and isinstance(now, int) and now > 1:
            hints.append(f"--set {parameter.name}={now // 2} (now {now})")
    return f"set it smaller: {' or '.join(hints)}" if hints else "end what else uses the memory"


def one_line(text: str) -> str:
    """The first line that says something, or what an exception says that another process has handed on."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if _CARRIED in lines:
        return lines[-1].partition(": ")[2] or lines[-1]
    return lines[0] if lines else "no message"
