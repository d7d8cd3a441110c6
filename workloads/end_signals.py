"""Signals that end a process: which of them are faults of its own code, and what they are called."""

from __future__ import annotations

import signal
from typing import Final

FAULTS: Final = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP})
"""Those of native code."""


def signal_name(number: int) -> str:
    """`SIGKILL`; `signal 99` where there is none of that number."""
    return signal.Signals(number).name if number in signal.valid_signals() else f"signal {number}"
