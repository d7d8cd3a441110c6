"""The device panel of an accelerator: how much of it works, and what its clocks and power do."""

from __future__ import annotations

from app.session.live.view import DeviceView, View
from app.ui.draw.content import Content, Curve, NumberRow, Plot, numbers, value_of
from app.ui.draw.items import Item, item, items_row, natural_width, series_item
from app.ui.draw.labels import axis_percent, shown, whole_percent
from app.ui.draw.rows import Row
from workloads.wire.clock_events import clock_event_words, clock_events


def gpu_content(view: View, gpu: int) -> Content:
    """The panel of `view.gpus[gpu]`. On a device without GPM the chart is NVML's utilization."""
    device = view.gpus[gpu]
    many = len(view.gpus) > 1
    node = f", {device.device}" if ":" in device.device else ""
    return Content(
        title=f"GPU {gpu} of {len(view.gpus)}{node}" if many else "GPU",
        note=device.facts.name if device.facts else "",
        head=numbers(_activity(device)),
        feet=(numbers((*_utilization(device), *_power(device), *_processes(device))), _clocks(device)),
        plot=_plot(device),
    )


def _activity(device: DeviceView) -> tuple[Item, ...]:
    occupancy = item("occupancy", shown(value_of(device, "sm_occupancy_percent"), whole_percent), slot=16)
    if "sm_active_percent" not in device.series:
        utilization = shown(value_of(device, "utilization_percent"), whole_percent)
        sm = item("SM active", shown(value_of(device, "sm_active_percent"), whole_percent))
        return (series_item("█", "device", "util", utilization, 12), sm)
    active = shown(value_of(device, "sm_active_percent"), whole_percent)
    tensor = shown(value_of(device, "tensor_active_percent"), whole_percent)
    return (
        series_item("█", "device", "SM active", active, 17),
        series_item("─", "device-second", "tensor", tensor, 14),
        occupancy,
    )


def _utilization(device: DeviceView) -> tuple[Item, ...]:
    """NVML's number under its own name, where it is not in the head already."""
    if "sm_active_percent" not in device.series:
        return ()
    return (item("util", shown(value_of(device, "utilization_percent"), whole_percent), slot=10),)


def _power(device: DeviceView) -> tuple[Item, ...]:
    limit = device.facts.power_limit_w if device.facts else None
    items = [_of("power", value_of(device, "power_w"), limit, "W", 18)]
    heats = (("", "temperature_c", 5), ("memory", "memory_temperature_c", 12))
    for label, gauge, slot in heats:
        heat = value_of(device, gauge)
        if heat is not None:
            items.append(item(label, f"{heat:.0f} °C", slot=slot))
    return tuple(items)


def _of(label: str, now: float | None, limit: float | None, unit: str, slot: int) -> Item:
    """`clock 1,455 of 1,980 MHz`; without the limit where there is no room or none is known."""
    text = shown(now, "{:,.0f}".format)
    short = f"{text} {unit}"
    if not limit:
        return item(label, short, slot=slot)
    whole = item(label, f"{text} of {limit:,.0f} {unit}", slot=slot)
    return Item(whole.row, slot, (((short, "value"),),))


def _clocks(device: DeviceView) -> NumberRow:
    """The clock, and in words what holds it back; where both do not fit, the clock loses its label and limit."""
    limit = device.facts.sm_clock_limit_mhz if device.facts else None
    clock = _of("clock", value_of(device, "sm_clock_mhz"), limit, "MHz", 24)
    events = _events(device)

    def draw(width: int) -> Row:
        crowded = natural_width((clock, *events)) > width and clock.short
        return items_row((Item(clock.short[-1]) if crowded else clock, *events), width)

    return draw


def _events(device: DeviceView) -> tuple[Item, ...]:
    mask = value_of(device, "clock_event_reasons")
    if mask is None:
        return ()
    events = clock_events(int(mask))
    if not events:
        return (item("", "not held back", style="label"),)
    slows = any(event.slows for event in events)
    words = clock_event_words(int(mask))
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
