"""How processes end by themselves or by signals: what that means, what it is called, and what to do then."""

from __future__ import annotations

import signal
from typing import Final

from workloads.wire.frames import FailureKind

FAULTS: Final = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP})
"""Those of native code."""

SEE_LOG: Final = "what it printed last is in its log: `l` on the screen, logs.parquet in the session's folder"
"""Where to look after an end that says little; it is read where there is a screen and where there is none."""

NATIVE_FAULT: Final = f"a fault in native code; {SEE_LOG}"
ENDED_FROM_OUTSIDE: Final = "somebody or something outside benchtop ended it; run it again"


def kind_of_end(status: int, *, out_of_memory: bool = False) -> FailureKind:
    """What an end that is none of a run's own means, by the exit status, negative for a signal.

    `out_of_memory`: the kernel ended a process for want of memory meanwhile.
    """
    if status >= 0 or -status in FAULTS:
        return "crashed"
    return "out-of-memory" if out_of_memory and -status == signal.SIGKILL else "killed"


def signal_name(number: int) -> str:
    """`SIGKILL`; `signal 40` where it has no name, as most real-time signals."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
