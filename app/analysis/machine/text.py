"""The machine's state of a run as lines of `show`: one for each device and host that has anything to say."""

from __future__ import annotations

from collections.abc import Iterator

from app.analysis.machine.state import DeviceState, HostState, MachineState
from app.text.numbers import bytes_text, percent, rate


def state_lines(state: MachineState | None) -> Iterator[str]:
    """Each names its device; what is absent is left out."""
    if state is None:
        return
    for device in state.devices:
        if parts := list(_device(device)):
            yield f"{device.device} {', '.join(parts)}"
    for host in state.hosts:
        if parts := list(_host(host)):
            yield f"{host.host} {', '.join(parts)}"


def _device(device: DeviceState) -> Iterator[str]:
    for name, mean, least in (
        ("SM clock", device.sm_clock_mhz, device.sm_clock_min_mhz),
        ("memory clock", device.memory_clock_mhz, device.memory_clock_min_mhz),
    ):
        if mean is not None and least is not None:
            yield f"{name} {mean:,.0f} MHz" + (f" (lowest {least:,.0f})" if round(least) != round(mean) else "")
    if device.temperature_max_c is not None:
        yield f"{device.temperature_max_c:.0f} °C at most"
    if device.power_limit_w is not None:
        capped = device.power_capped_fraction
        reached = f", reached {percent(capped * 100)} of the time" if capped else ""
        yield f"power limit {device.power_limit_w:,.0f} W{reached}"
    if device.foreign_processes:
        held = f" with {bytes_text(device.foreign_memory_bytes)}" if device.foreign_memory_bytes is not None else ""
        yield f"{_counted(device.foreign_processes)}{held}"
    elif device.foreign_processes == 0:
        yield "nobody else on it"


def _counted(processes: int) -> str:
    return f"{processes:,} other process{'' if processes == 1 else 'es'}"


def _host(host: HostState) -> Iterator[str]:
    if host.governor is not None:
        yield f"governor {host.governor}"
    if host.frequency_mhz is not None:
        yield f"CPU clock {host.frequency_mhz:,.0f} MHz"
    if host.other_processors is not None and host.other_processors >= 0.1:
        yield f"{host.other_processors:.1f} processors busy for others"
    if host.cpu_steal_percent is not None:
        yield f"steal {percent(host.cpu_steal_percent)}"
    pressures = (
        ("CPU", host.cpu_pressure_percent),
        ("memory", host.memory_pressure_percent),
        ("I/O", host.io_pressure_percent),
    )
    waited = [f"{name} {percent(value)}" for name, value in pressures if value is not None]
    if waited:
        yield f"pressure {' '.join(waited)}"
    if host.swap_used_bytes:
        moved = (("in", host.swap_in_bytes_per_s), ("out", host.swap_out_bytes_per_s))
        going = "".join(f", {way} {rate(value)}" for way, value in moved if value)
        yield f"swap {bytes_text(host.swap_used_bytes)}{going}"
    elif host.swap_used_bytes is not None:
        yield "no swap used"
