"""The device panel where there is no accelerator: the processors, and what the workload takes of them."""

from __future__ import annotations

from app.session.live.view import DeviceView, View
from app.text.numbers import bytes_text, counted
from app.ui.draw.bars import levels
from app.ui.draw.content import Content, Curve, NumberRow, Plot, numbers, value_of
from app.ui.draw.items import GAP, Item, item, series_item
from app.ui.draw.labels import axis_percent, shown, whole_percent
from app.ui.draw.rows import Row, merged, row_width

FEWEST_BARS = 2


def cpu_content(view: View) -> Content:
    """The host's processors. Only once something was read does the title say that there is no accelerator."""
    host, worker = view.host_device, view.worker_device
    cores = len(host.core_percent)
    return Content(
        title="CPU: no GPU here" if host.readings else "CPU",
        note=counted(cores, "processor") if cores else "",
        head=_load(host),
        feet=(numbers(_worker(worker)), numbers(_machine(host))),
        plot=Plot(
            curves=(Curve(host.series.get("cpu_percent"), "device"),),
            text=axis_percent,
            top=100.0,
            empty="no reading yet",
        ),
    )


def _load(host: DeviceView) -> NumberRow:
    """The load, and a bar for each processor in what is left of the row."""
    load = series_item("█", "device", "load", shown(value_of(host, "cpu_percent"), whole_percent), 12)

    def draw(width: int) -> Row:
        label = ("each ", "label")
        room = width - max(row_width(load.row), load.slot) - GAP - len(label[0])
        bars = levels(host.core_percent, room)
        if room < min(FEWEST_BARS, len(host.core_percent)) or not bars:
            return numbers((load,))(width)
        return numbers((load, Item(merged((label, (bars, "device"))))))(width)

    return draw


def _machine(host: DeviceView) -> tuple[Item, ...]:
    return (
        item("clock", shown(value_of(host, "frequency_mhz"), "{:,.0f} MHz".format), slot=15),
        item("pressure CPU", shown(value_of(host, "cpu_pressure_percent"), whole_percent), slot=18),
        item("memory", shown(value_of(host, "memory_pressure_percent"), whole_percent), slot=12),
        item("I/O", shown(value_of(host, "io_pressure_percent"), whole_percent), slot=9),
    )


def _worker(worker: DeviceView) -> tuple[Item, ...]:
    return (
        item("worker", shown(value_of(worker, "cpu_percent"), whole_percent), slot=13),
        item("RSS", shown(value_of(worker, "rss_bytes"), bytes_text), slot=11),
        item("threads", shown(value_of(worker, "threads"), "{:.0f}".format), slot=10),
    )
