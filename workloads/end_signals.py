"""Signals that end a process: which of them are faults of its own code, what they are called, and what to do then."""

from __future__ import annotations

import signal
from typing import Final

FAULTS: Final = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP})
"""Those of native code."""

SEE_LOG: Final = "what it printed last is in its log: `l` on the screen, logs.parquet in the session's folder"
"""Where to look after an end that says little; it is read where there is a screen and where there is none."""

NATIVE_FAULT: Final = f"a fault in native code; {SEE_LOG}"


def signal_name(number: int) -> str:
    """`SIGKILL`; `signal 40` where it has no name, as most real-time signals."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
