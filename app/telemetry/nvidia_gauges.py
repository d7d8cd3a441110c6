"""The readings of one device through plain NVML calls: what each costs decides how often it is made.

Read from an H200 (driver 580.159.04): each of the fast calls takes 2 to 9 µs. `nvmlDeviceGetPcieThroughput`
takes 20 ms, because it counts over 20 ms while the caller waits; it is never made, GPM gives the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from app.telemetry.nvidia_border import Handle, Nvml
from app.telemetry.nvidia_calls import Calls
from workloads.wire.frames import Gauges, GpuProcess

_Ask = Callable[[Nvml, Handle], tuple[float, ...]]

_FAST: Final[tuple[tuple[tuple[str, ...], _Ask], ...]] = (
    (("utilization_percent", "memory_busy_percent"), Nvml.utilization),
    (("memory_used_bytes", "memory_total_bytes"), Nvml.memory),
    (("power_w",), lambda nvml, device: (nvml.power_w(device),)),
    (("temperature_c",), lambda nvml, device: (nvml.temperature_c(device),)),
    (("sm_clock_mhz",), lambda nvml, device: (nvml.sm_clock_mhz(device),)),
    (("memory_clock_mhz",), lambda nvml, device: (nvml.memory_clock_mhz(device),)),
    (("clock_event_reasons",), lambda nvml, device: (nvml.clock_events(device),)),
)

_SLOW: Final[tuple[tuple[tuple[str, ...], _Ask], ...]] = (
    (("power_limit_w",), lambda nvml, device: (nvml.power_limit_w(device),)),
)
"""What a person may change while a session runs, and seldom does."""

# NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION in mJ, NVML_FI_DEV_MEMORY_TEMP in °C. On that H200 the energy takes 3.4 ms, asked
# for as a field or by nvmlDeviceGetTotalEnergyConsumption alike, and the memory's temperature 0.06 ms. So they are read
# once a second. Nothing is lost by it, since the energy is a counter and the memory's heat is slow.
_FIELDS: Final = (("energy_j", 83, 1e-3), ("memory_temperature_c", 82, 1.0))


class NvmlGauges:
    """One device's readings with the source `nvml`."""

    def __init__(self, nvml: Nvml, device: Handle, calls: Calls) -> None:
        self._nvml = nvml
        self._device = device
        self._calls = calls

    def read(self, name: str, run: int, at_ns: int, *, slow: bool) -> Gauges:
        """One instant; `slow` adds what costs more. A reading is in `readings` or in `absent`, never 0 in its place."""
        readings: dict[str, float] = {}
        absent: dict[str, str] = {}
        for names, call in (*_FAST, *(_SLOW if slow else ())):
            values = self._calls.ask(names, absent, partial(call, self._nvml, self._device))
            if values is not None:
                readings.update(zip(names, values, strict=True))
        processes = self._processes(absent)
        if slow:
            self._read_fields(readings, absent)
        return Gauges(
            run=run, at_ns=at_ns, device=name, source="nvml", readings=readings, absent=absent, processes=processes
        )

    def energy_j(self) -> float | None:
        """The energy counter alone; None where the driver gives none."""
        name, number, unit = _FIELDS[0]
        answers = self._calls.ask((name,), {}, lambda: self._nvml.fields(self._device, [number]))
        for code, value in answers or ():
            return None if code else value * unit
        return None

    def _processes(self, absent: dict[str, str]) -> tuple[GpuProcess, ...] | None:
        ask = self._calls.ask
        compute = ask(("processes",), absent, lambda: self._nvml.compute_processes(self._device))
        if compute is None:
            return None
        # A device without graphics refuses the second question; that is no reason to give up the first answer.
        graphics = ask(("graphics_processes",), {}, lambda: self._nvml.graphics_processes(self._device))
        return tuple({process.pid: process for process in (*compute, *(graphics or ()))}.values())

    def _read_fields(self, readings: dict[str, float], absent: dict[str, str]) -> None:
        wanted = [field for field in _FIELDS if self._calls.is_open(field[0])]
        absent.update({name: self._calls.why_not(name) for name, *_ in _FIELDS if not self._calls.is_open(name)})
        names = tuple(name for name, *_ in wanted)
        if not names:
            return
        answers = self._calls.ask(
            names, absent, lambda: self._nvml.fields(self._device, [number for _, number, _ in wanted])
        )
        for (name, _, unit), (code, value) in zip(wanted, answers or (), strict=bool(answers)):
            if code:
                absent[name] = self._calls.refuse(name, code)
            else:
                readings[name] = value * unit
