"""What this process has cost so far: its processor time, and how long it has run.

For benchtop's own processes, which are held against what they measure.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple


class OwnCost(NamedTuple):
    """Of one process since it was started."""

    cpu_s: float
    """User and system time of all its threads; of processes that it started, none."""
    wall_s: float


def own_cost(proc: Path = Path("/proc")) -> OwnCost:
    """So far. Its imports are a part of it, so it counts from the start of the process, which the kernel knows."""
    return OwnCost(time.process_time(), time.clock_gettime(time.CLOCK_BOOTTIME) - _started_s(proc))


def _started_s(proc: Path) -> float:
    """Seconds from boot to the start of this process: field 22 of proc(5), /proc/PID/stat; else until now."""
    try:
        fields = (proc / "self/stat").read_text().rpartition(")")[2].split()
        return int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return _IMPORTED_S


_IMPORTED_S = time.clock_gettime(time.CLOCK_BOOTTIME)
