"""The host's memory and pressure from /proc, with the source `proc`.

/proc/meminfo is read once for memory and swap together, where psutil's two calls
read and parse it twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.telemetry.proc_file import read_small
from workloads.wire.frames import Gauges

_PRESSURES: Final = ("cpu", "memory", "io")
_AMOUNT: Final = re.compile(r"^(MemTotal|MemAvailable|SwapTotal|SwapFree): *([0-9]+) kB$", re.MULTILINE)
_SOME_AVG10: Final = re.compile(r"^some avg10=([0-9.]+)", re.MULTILINE)
_NO_PRESSURE: Final = "this kernel does not count pressure (/proc/pressure, psi=1)"
_MEMORY_GAUGES: Final = ("memory_used_bytes", "memory_total_bytes", "memory_available_bytes", "swap_used_bytes")


class ProcGauges:
    """One host. `proc` is /proc, or a folder that looks like it."""

    def __init__(self, proc: Path, clock: Callable[[], int]) -> None:
        self._proc = proc
        self._clock = clock

    def read(self, run: int) -> Gauges:
        """One instant."""
        at_ns = self._clock()
        readings: dict[str, float] = {}
        absent: dict[str, str] = {}
        self._memory(readings, absent)
        for kind in _PRESSURES:
            self._pressure(kind, readings, absent)
        return Gauges(run=run, at_ns=at_ns, device="host", source="proc", readings=readings, absent=absent)

    def _memory(self, readings: dict[str, float], absent: dict[str, str]) -> None:
        try:
            amounts = memory_amounts(self._proc)
        except OSError as error:
            absent.update(dict.fromkeys(_MEMORY_GAUGES, f"/proc/meminfo cannot be read: {error}"))
            return
        total, available = amounts.get("MemTotal"), amounts.get("MemAvailable")
        if total is None or available is None:
            absent.update(dict.fromkeys(_MEMORY_GAUGES[:3], "/proc/meminfo does not say"))
        else:
            readings["memory_used_bytes"] = float(total - available)
            readings["memory_total_bytes"] = float(total)
            readings["memory_available_bytes"] = float(available)
        if "SwapTotal" in amounts and "SwapFree" in amounts:
            readings["swap_used_bytes"] = float(amounts["SwapTotal"] - amounts["SwapFree"])
        else:
            absent["swap_used_bytes"] = "/proc/meminfo does not say"

    def _pressure(self, kind: str, readings: dict[str, float], absent: dict[str, str]) -> None:
        name = f"{kind}_pressure_percent"
        try:
            readings[name] = some_avg10(read_small(f"{self._proc}/pressure/{kind}"))
        except (OSError, ValueError):
            absent[name] = _NO_PRESSURE


def memory_amounts(proc: Path) -> dict[str, int]:
    """/proc/meminfo → the bytes of four of its lines, by its own names. Raises OSError."""
    return {name: int(amount) * 1024 for name, amount in _AMOUNT.findall(read_small(f"{proc}/meminfo"))}


def some_avg10(text: str) -> float:
    """A file of /proc/pressure → per cent of the last 10 s in which some task waited. Raises ValueError."""
    found = _SOME_AVG10.search(text)
    if found is None:
        raise ValueError("no line `some avg10=…`")
    return float(found[1])
