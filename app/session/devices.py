"""The live state of the devices: the newest readings, why others are absent, and their course."""

from __future__ import annotations

from app.session.buckets import BUCKET_NS, Mean, Ring
from app.session.view import DeviceView, Reading
from workloads.wire.frames import DeviceFacts, Gauges, GpuProcess

CURRENT_NS = 5_000_000_000
"""An older reading is not shown as if it were of now."""


class Device:
    """One accelerator, the host, or the workload's own processes."""

    def __init__(self, name: str, facts: DeviceFacts | None = None) -> None:
        self._name = name
        self._readings: dict[str, Reading] = {}
        self._absent: dict[str, str] = {}
        self._rings: dict[str, Ring[Mean]] = {}
        self._cores: tuple[float, ...] = ()
        self._processes: tuple[GpuProcess, ...] | None = None
        self.facts = facts

    def add(self, frame: Gauges) -> None:
        """Take readings."""
        for name, value in frame.readings.items():
            self._readings[name] = Reading(value, frame.source, frame.at_ns)
            self._absent.pop(name, None)
            if name not in self._rings:
                self._rings[name] = Ring(Mean)
            cell = self._rings[name].at(frame.at_ns // BUCKET_NS)
            if cell is not None:
                cell.add(value)
        self._absent.update(frame.absent)
        self._cores = frame.core_percent or self._cores
        if frame.processes is not None:
            self._processes = frame.processes

    def view(self, now_ns: int, width: int) -> DeviceView:
        """As it is now."""
        last = now_ns // BUCKET_NS
        return DeviceView(
            device=self._name,
            facts=self.facts,
            readings={n: reading for n, reading in self._readings.items() if now_ns - reading.at_ns <= CURRENT_NS},
            absent={**(self.facts.absent if self.facts else {}), **self._absent},
            series={name: ring.series(last, width, _mean) for name, ring in self._rings.items()},
            core_percent=self._cores,
            processes=None if self._processes is None else len(self._processes),
        )


def _mean(cell: Mean) -> float | None:
    return cell.value
