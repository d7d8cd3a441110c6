"""The host's memory, pressure, stolen time and swapping from /proc, with the source `proc`.

/proc/meminfo is read once for memory and swap together, where psutil's two calls
read and parse it twice. Stolen time and swapping are differences between two readings, so the first has none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.telemetry.host_border import Transferred
from app.telemetry.host_rapl import PackageEnergy
from app.telemetry.proc_file import read_small
from app.telemetry.rates import FIRST, Rate, reason
from workloads.wire.frames import Gauges

_PRESSURES: Final = ("cpu", "memory", "io")
_AMOUNT: Final = re.compile(r"^(MemTotal|MemAvailable|SwapTotal|SwapFree): *([0-9]+) kB$", re.MULTILINE)
_SOME_AVG10: Final = re.compile(r"^some avg10=([0-9.]+)", re.MULTILINE)
_SWAPPED: Final = re.compile(r"^(pswpin|pswpout) ([0-9]+)$", re.MULTILINE)
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_STEAL: Final = "cpu_steal_percent"
_NO_PRESSURE: Final = "this kernel does not count pressure (/proc/pressure, psi=1)"
_MEMORY_GAUGES: Final = ("memory_used_bytes", "memory_total_bytes", "memory_available_bytes", "swap_used_bytes")


class ProcGauges:
    """One host. `proc` is /proc, or a folder that looks like it; `energy` joins what the same host gives under /sys."""

    def __init__(self, proc: Path, clock: Callable[[], int], energy: PackageEnergy | None = None) -> None:
        self._energy = energy
        self._proc = proc
        self._clock = clock
        self._times: tuple[int, int] | None = None
        self._swapping = Rate("swap_in_bytes_per_s", "swap_out_bytes_per_s")

    def read(self, run: int, *, slow: bool = True) -> Gauges:
        """One instant; `slow` adds swapping, whose file is long."""
        at_ns = self._clock()
        readings: dict[str, float] = {}
        absent: dict[str, str] = {}
        self._memory(readings, absent)
        for kind in _PRESSURES:
            self._pressure(kind, readings, absent)
        self._steal(readings, absent)
        if self._energy is not None:
            self._energy.read(readings, absent)
        if slow:
            self._swapping.read(at_ns, lambda: swapped(self._proc), readings, absent)
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

    def _steal(self, readings: dict[str, float], absent: dict[str, str]) -> None:
        before = self._times
        try:
            self._times = now = stolen_and_all(read_small(f"{self._proc}/stat"))
        except OSError as error:
            absent[_STEAL] = reason(error)
            return
        except ValueError as error:
            absent[_STEAL] = str(error)
            return
        if before is None or now[1] <= before[1]:
            absent[_STEAL] = FIRST if before is None else "the kernel has counted no time since the reading before"
        else:
            # The kernel may take a little of it back: proc(5) says so of such counters.
            readings[_STEAL] = max(0.0, 100 * (now[0] - before[0]) / (now[1] - before[1]))


def stolen_and_all(text: str) -> tuple[int, int]:
    """/proc/stat → ticks that were stolen and ticks in all, of all processors since boot. Raises ValueError.

    Of the columns that proc(5) names, the eighth is steal; the two of guests behind it are in user and nice already.
    """
    fields = text.partition("\n")[0].split()
    if len(fields) < 9 or fields[0] != "cpu":
        raise ValueError("/proc/stat does not count stolen time")
    ticks = [int(field) for field in fields[1:9]]
    return ticks[7], sum(ticks)


def swapped(proc: Path) -> Transferred | None:
    """Bytes in from swap and out to it since boot; None where they are not counted. Raises OSError."""
    pages = dict(_SWAPPED.findall(read_small(f"{proc}/vmstat")))
    if len(pages) < 2:
        return None
    return Transferred(int(pages["pswpin"]) * _PAGE, int(pages["pswpout"]) * _PAGE)


def memory_amounts(proc: Path) -> dict[str, int]:
    """/proc/meminfo → the bytes of four of its lines, by its own names. Raises OSError."""
    return {name: int(amount) * 1024 for name, amount in _AMOUNT.findall(read_small(f"{proc}/meminfo"))}


def some_avg10(text: str) -> float:
    """A file of /proc/pressure → per cent of the last 10 s in which some task waited. Raises ValueError."""
    found = _SOME_AVG10.search(text)
    if found is None:
        raise ValueError("no line `some avg10=…`")
    return float(found[1])
