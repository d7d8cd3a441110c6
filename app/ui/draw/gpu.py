"""The device panel of an accelerator: how much of it works, and what its clocks and power do."""

from __future__ import annotations

from app.session.view import DeviceView, View
from app.ui.draw.content import Content, Curve, NumberRow, Plot, numbers, value_of
from app.ui.draw.items import Item, item, series_item
from app.ui.draw.labels import axis_percent, shown, whole_percent
from workloads.wire.clock_events import clock_events


def gpu_content(view: View, gpu: int) -> Content:
    """The panel of `view.gpus[gpu]`. On a device without GPM the chart is NVML's utilization."""
    device = view.gpus[gpu]
    many = len(view.gpus) > 1
    return Content(
        title=f"GPU {gpu} of {len(view.gpus)}" if many else "GPU",
        note=device.facts.name if device.facts else "",
        head=numbers(_activity(device)),
        feet=(numbers((*_power(device), *_processes(device))), _clocks(device)),
        plot=_plot(device),
    )


def _activity(device: DeviceView) -> tuple[Item, ...]:
    occupancy = item("occupancy", shown(value_of(device, "sm_occupancy_percent"), whole_percent), slot=16)
    utilization = shown(value_of(device, "utilization_percent"), whole_percent)
    if "sm_active_percent" not in device.series:
        sm = item("SM active", shown(value_of(device, "sm_active_percent"), whole_percent))
        return (series_item("█", "device", "util", utilization, 12), sm)
    active = shown(value_of(device, "sm_active_percent"), whole_percent)
    tensor = shown(value_of(device, "tensor_active_percent"), whole_percent)
    return (
        series_item("█", "device", "SM active", active, 17),
        series_item("─", "device-second", "tensor", tensor, 14),
        occupancy,
        item("util", utilization, slot=10),
    )


def _power(device: DeviceView) -> tuple[Item, ...]:
    facts = device.facts
    limit = facts.power_limit_w if facts else None
    watts = shown(value_of(device, "power_w"), "{:.0f}".format)
    power = f"{watts} of {limit:.0f} W" if limit else f"{watts} W"
    heat = shown(value_of(device, "temperature_c"), "{:.0f} °C".format)
    memory_heat = value_of(device, "memory_temperature_c")
    items = (item("power", power, slot=18), item("", heat, slot=5))
    return items if memory_heat is None else (*items, item("memory", f"{memory_heat:.0f} °C", slot=12))


def _clocks(device: DeviceView) -> NumberRow:
    """The clock, and in words what holds it back."""
    limit = device.facts.sm_clock_limit_mhz if device.facts else None
    clock = shown(value_of(device, "sm_clock_mhz"), "{:,.0f}".format)
    text = f"{clock} of {limit:,} MHz" if limit else f"{clock} MHz"
    return numbers((item("clock", text, slot=24), *_events(device)))


def _events(device: DeviceView) -> tuple[Item, ...]:
    mask = value_of(device, "clock_event_reasons")
    if mask is None:
        return ()
    events = clock_events(int(mask))
    if not events:
        return (item("", "not held back", style="label"),)
    slows = any(event.slows for event in events)
    words = ", ".join(event.label for event in events)
    return (item("", f"⚠ {words}", style="warning") if slows else item("", words, style="label"),)


def _processes(device: DeviceView) -> tuple[Item, ...]:
    if device.processes is None:
        return ()
    return (item("", f"{device.processes} process{'' if device.processes == 1 else 'es'}"),)


def _plot(device: DeviceView) -> Plot:
    series = device.series
    if "sm_active_percent" not in series:
        curves: tuple[Curve, ...] = (Curve(series.get("utilization_percent"), "device"),)
    else:
        curves = (
            Curve(series["sm_active_percent"], "device"),
            Curve(series.get("tensor_active_percent"), "device-second", "line"),
        )
    return Plot(curves=curves, text=axis_percent, top=100.0, empty="no reading yet")
