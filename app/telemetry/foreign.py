"""Whose are the processes on a device: the workload's own, or somebody else's.

The driver numbers processes as the machine does. Inside a container they have other numbers, and the driver
then says nothing of them, or says numbers that mean nothing there: what cannot be told is absent.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from workloads.wire.frames import Gauges

NAMES: Final = ("own_processes", "foreign_processes", "foreign_memory_bytes")

INITIAL: Final = "pid:[4026531836]"
"""The first pid namespace of every kernel: PROC_PID_INIT_INO in include/linux/proc_ns.h."""

UNTOLD: Final = "in a container processes have other numbers than the driver's: whose they are cannot be told"
NO_MEMORY: Final = "the driver does not say how much memory each process holds"


def numbers_agree(proc: Path) -> bool:
    """Whether the numbers of processes here are those that the driver uses."""
    try:
        return str((proc / "self/ns/pid").readlink()) == INITIAL
    except OSError:
        return False


def with_owners(frame: Gauges, own: Collection[int], *, agree: bool) -> Gauges:
    """A device's readings with the processes on it, sorted into the workload's `own` and others.

    `agree`: see `numbers_agree`. A driver that names a process of the workload uses its numbers all the same.
    """
    if frame.processes is None:
        reason = frame.absent.get("processes", "the driver does not say")
        return replace(frame, absent=frame.absent | dict.fromkeys(NAMES, reason))
    if not agree and not any(process.pid in own for process in frame.processes):
        return replace(frame, absent=frame.absent | dict.fromkeys(NAMES, UNTOLD))
    others = [process for process in frame.processes if process.pid not in own and process.pid != os.getpid()]
    held = [process.memory_bytes for process in others if process.memory_bytes is not None]
    readings = {
        "own_processes": float(sum(process.pid in own for process in frame.processes)),
        "foreign_processes": float(len(others)),
    }
    if len(held) == len(others):
        return replace(frame, readings=frame.readings | readings | {"foreign_memory_bytes": float(sum(held))})
    absent = frame.absent | {"foreign_memory_bytes": NO_MEMORY}
    return replace(frame, readings=frame.readings | readings, absent=absent)
