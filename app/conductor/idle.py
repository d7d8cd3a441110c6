"""The idle baseline: what the devices take before the first run, while nothing but the sampler reads them.

Listens to the readings that go by, and says what they come to. Whether there is anything to wait for is decided
without a driver: a machine that cannot tell of power must not start later for it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

from app.session.planning.plan import Plan
from workloads.wire.frames import Gauges, IdleBaseline

DEFAULT_S: Final = 2.0
FIRST_S: Final = 5.0
"""A first reading that takes longer is not waited for."""
FIRST_BEHIND_S: Final = 20.0
"""The same on another host, which has to be reached first."""

_DRIVERS: Final = ("dev/nvidiactl", "dev/dxg")
_PACKAGES: Final = "sys/class/powercap/intel-rapl:0/energy_uj"


def seconds_of(plan: Plan, root: Path = Path("/")) -> float:
    """How long the idle machine is to be read; 0 where nothing here can tell of power."""
    if plan.idle_s is not None:
        return plan.idle_s
    there = bool(plan.via) or any((root / name).exists() for name in _DRIVERS)
    return DEFAULT_S if there or os.access(root / _PACKAGES, os.R_OK) else 0.0


class Idle:
    """Readings of power, as they go by."""

    def __init__(self) -> None:
        self._powers: dict[str, list[float]] = {}
        self._counters: dict[str, list[tuple[int, float]]] = {}
        self._read = asyncio.Event()

    def hear(self, frame: Gauges) -> None:
        """The next readings."""
        if (power := frame.readings.get("power_w")) is not None:
            self._powers.setdefault(frame.device, []).append(power)
        if (joules := frame.readings.get("package_energy_j")) is not None:
            self._counters.setdefault(frame.device, []).append((frame.at_ns, joules))
        # The host's own are the last of each reading.
        if self._powers or frame.source == "proc":
            self._read.set()

    async def first(self, patience_s: float, *in_vain: asyncio.Event) -> bool:
        """Wait for a first reading of everything, or for one of these → whether anything tells of power."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._read, *in_vain)]
        await asyncio.wait(waits, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        return bool(self._powers or self._counters)

    def forget(self) -> None:
        """What was read so far was before the baseline; a counter's last reading is where it begins."""
        self._powers.clear()
        self._counters = {device: readings[-1:] for device, readings in self._counters.items()}

    def baseline(self, at_ns: int, seconds: float) -> IdleBaseline:
        """Mean power of every device; of a counter the difference over the time between."""
        power_w = {device: sum(values) / len(values) for device, values in self._powers.items()}
        for device, readings in self._counters.items():
            (began_ns, before), (ended_ns, after) = readings[0], readings[-1]
            if ended_ns > began_ns and after >= before:
                power_w[device] = (after - before) / ((ended_ns - began_ns) / 1e9)
        return IdleBaseline(at_ns=at_ns, seconds=seconds, power_w=power_w)


def baseline_text(baseline: IdleBaseline) -> str:
    """`idle baseline gpu0 71 W over 2.0 s`."""
    powers = ", ".join(f"{device} {power:.0f} W" for device, power in baseline.power_w.items())
    return f"idle baseline {powers} over {baseline.seconds:.1f} s"
