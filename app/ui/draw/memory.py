"""The memory panel: bandwidth with its source and limit, and how much of the memory is taken."""

from __future__ import annotations

from app.session.live.view import DeviceView, RunView, View
from app.text.numbers import bytes_text, rate
from app.ui.draw.columns import scaled
from app.ui.draw.content import Content, Curve, Plot, numbers, value_of
from app.ui.draw.items import Item, item, series_item
from app.ui.draw.labels import axis_bytes, gib, shown, whole_percent

DRAM = "dram_bytes_per_s"


def memory_content(view: View, gpu: int) -> Content:
    """Device memory where there is an accelerator, else the host's."""
    if not view.gpus:
        return _content(view, view.host_device, (), _used(view.host_device) + _swap(view.host_device))
    device = view.gpus[gpu]
    return _content(view, device, _busy(device), _used(device) + _links(device))


def _content(view: View, device: DeviceView, beside: tuple[Item, ...], foot: tuple[Item, ...]) -> Content:
    """Measured bandwidth if the device gives it, else the device's part of what the workload counted."""
    reading = device.readings.get(DRAM)
    measured = reading is not None or DRAM in device.series
    counted = None if measured else _counted(view)
    now = reading.value if reading else _each(counted)
    limit = device.facts.dram_limit_bytes_per_s if device.facts else None
    series = device.series.get(DRAM) if measured else scaled(view.bytes_per_s, 1 / counted.devices) if counted else None
    source = reading.source if reading else "" if measured else "counted"
    items = (
        series_item("█", "memory", "DRAM" if measured else "traffic", shown(now, rate), 17),
        *_of_limit(now, limit),
        *beside,
    )
    return Content(
        title="Memory bandwidth",
        note="host memory" if device.device == "host" else "device memory",
        head=numbers(items, source),
        feet=(numbers(foot),),
        plot=Plot(curves=(Curve(series, "memory"),), text=axis_bytes, top=limit, limit=limit, empty=_nothing(counted)),
    )


def _nothing(counted: RunView | None) -> str:
    """Why there is no curve: a workload counts its bytes, a command's are nobody's to count."""
    listened = counted is not None and counted.listened
    return "nobody counts the bytes of a command" if listened else "nothing measured yet"


def _counted(view: View) -> RunView | None:
    """The present run, if the bytes that it counts are memory's; those of a link are not."""
    run = view.current
    return None if run is None or (run.started and run.started.moves_over != "dram") else run


def _each(counted: RunView | None) -> float | None:
    """Bytes a second on one of the run's devices."""
    return None if counted is None or counted.bytes_per_s is None else counted.bytes_per_s / counted.devices


def _of_limit(now: float | None, limit: float | None) -> tuple[Item, ...]:
    if now is None or not limit:
        return ()
    share = whole_percent(100 * now / limit)
    return (Item(((f"{share} of {limit / 1e9:,.0f}", "value"),), 15, (((share, "value"),),)),)


def _busy(device: DeviceView) -> tuple[Item, ...]:
    """NVML's share of time, under its own name."""
    busy = value_of(device, "memory_busy_percent")
    return () if busy is None else (item("busy", whole_percent(busy), slot=10),)


def _used(device: DeviceView) -> tuple[Item, ...]:
    used = shown(value_of(device, "memory_used_bytes"), gib)
    total = shown(value_of(device, "memory_total_bytes"), gib)
    whole = item("used", f"{used} of {total} GiB")
    return (Item(whole.row, 24, (((f"{used} GiB", "value"),),)),)


def _swap(host: DeviceView) -> tuple[Item, ...]:
    available = shown(value_of(host, "memory_available_bytes"), bytes_text)
    return (
        item("swap", shown(value_of(host, "swap_used_bytes"), bytes_text), slot=13),
        item("available", available, slot=19),
    )


def _links(device: DeviceView) -> tuple[Item, ...]:
    """Each direction, as a link's own limit is given for each; their sum where there is little room."""
    items = []
    for label, name in (("PCIe", "pcie"), ("NVLink", "nvlink")):
        into, out = (value_of(device, f"{name}_{way}_bytes_per_s") for way in ("receive", "send"))
        if into is not None or out is not None:
            whole = item(f"{label} in", f"{shown(into, rate)} out {shown(out, rate)}")
            items.append(Item(whole.row, 32, (item(label, rate((into or 0) + (out or 0))).row,)))
    return tuple(items)
