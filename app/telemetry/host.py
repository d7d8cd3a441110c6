"""The host's load, clock, disks and network, with the source `psutil`.

Loads and rates are differences between two readings, so the first reading has none of them: they are
absent, not 0.
"""

from __future__ import annotations

from collections.abc import Callable

from app.telemetry.host_border import Machine
from app.telemetry.rates import FIRST, Rate, reason
from workloads.wire.frames import Gauges


class HostGauges:
    """One host."""

    def __init__(self, machine: Machine, clock: Callable[[], int]) -> None:
        self._machine = machine
        self._clock = clock
        self._loads = False
        self._disk = Rate("disk_read_bytes_per_s", "disk_write_bytes_per_s")
        self._network = Rate("network_receive_bytes_per_s", "network_send_bytes_per_s")

    def read(self, run: int, *, slow: bool) -> Gauges:
        """One instant; `slow` adds disks, network and the processors' clock."""
        at_ns = self._clock()
        readings: dict[str, float] = {}
        absent: dict[str, str] = {}
        cores = self._load(readings, absent)
        if slow:
            self._disk.read(at_ns, self._machine.disk, readings, absent)
            self._network.read(at_ns, self._machine.network, readings, absent)
            self._frequency(readings, absent)
        return Gauges(
            run=run,
            at_ns=at_ns,
            device="host",
            source="psutil",
            readings=readings,
            absent=absent,
            core_percent=tuple(cores),
        )

    def _load(self, readings: dict[str, float], absent: dict[str, str]) -> list[float]:
        first, self._loads = not self._loads, True
        try:
            cores = self._machine.core_percent()
        except OSError as error:
            absent["cpu_percent"] = reason(error)
            return []
        if first or not cores:
            absent["cpu_percent"] = FIRST if first else "this machine does not say"
            return []
        readings["cpu_percent"] = sum(cores) / len(cores)
        return cores

    def _frequency(self, readings: dict[str, float], absent: dict[str, str]) -> None:
        try:
            frequency = self._machine.frequency_mhz()
        except OSError as error:
            absent["frequency_mhz"] = reason(error)
            return
        if frequency is None:
            absent["frequency_mhz"] = "this machine does not say"
        else:
            readings["frequency_mhz"] = frequency
