"""The slowest steps or requests of a run as rows: a table of them, and all that is known around the marked one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from app.session.live.view import DeviceView, RunView, SlowSample, View
from app.text.evidence import time_text
from app.text.gauges import gauge_text
from app.ui.draw.bars import share_bars
from app.ui.draw.clock import instant_text
from app.ui.draw.items import Item, items_row
from app.ui.draw.rows import Row, clipped, merged, text_row
from app.ui.draw.scale import value_at
from app.ui.draw.times import PARTS, with_other
from workloads.wire.gauges import GAUGES

AROUND_NS = 1_000_000_000
"""Log lines this long before and behind are told."""
MOST_LINES = 8

NAMES = {
    **{field: (name, style) for name, field, style in PARTS},
    "late": ("late", "part-wait"),
    "queue": ("queue", "part-comm"),
    "service": ("service", "part-forward"),
}
"""Part of a step or a request → its name and style."""

HOST_GAUGES = ("cpu_percent", "cpu_pressure_percent", "io_pressure_percent", "memory_pressure_percent")
WORKER_GAUGES = ("cpu_percent", "rss_bytes")
GPU_GAUGES = ("sm_active_percent", "utilization_percent", "sm_clock_mhz", "power_w", "memory_used_bytes")


def slow_page(view: View, run: RunView | None, selected: int, width: int, zone: tzinfo | None = None) -> list[Row]:
    """All of it, rows of at most `width` cells. `selected`: which of them is marked."""
    if run is None or not run.slow:
        return [clipped(text_row("nothing was measured yet", "label"), width)]
    rows = list(_table(view, run, selected, width, zone))
    rows += _around(view, run, run.slow[selected], width, zone)
    return [clipped(row, width) for row in rows]


def _table(view: View, run: RunView, selected: int, width: int, zone: tzinfo | None) -> Iterator[Row]:
    """A row each: when, how long, how many medians, and what happened meanwhile, else its largest part."""
    median = run.times.p50 if run.times is not None else None
    what = "request, due" if run.kind == "requests" else "step, began"
    rank = "  rank" if run.ranks else ""
    yield ((f"  {what:<14}{'took':>10}{'of median':>11}{rank}  what it waited for", "label"),)
    for number, sample in enumerate(run.slow):
        marked = number == selected
        times = f"{sample.wall_ns / median:.1f}×" if median else ""
        of_rank = f"{sample.rank:>6}" if run.ranks else ""
        row = f" {instant_text(view, sample.start_ns, zone):<14}{time_text(sample.wall_ns):>10}{times:>11}{of_rank}  "
        style = "big" if marked else "value"
        yield clipped(((("▸" if marked else " "), "key"), (row, style), (_reason(sample), style)), width)
    yield ()


def _reason(sample: SlowSample) -> str:
    """The event that took most of it, else its largest part."""
    events = sorted(sample.events, key=lambda event: -event.wall_ns)
    if events:
        took = f" {time_text(events[0].wall_ns)}" if events[0].wall_ns else ""
        more = f", and {len(events) - 1} more" if len(events) > 1 else ""
        return f"{events[0].kind}{took}{more}"
    if not sample.parts:
        return ""
    name, amount = max(sample.parts, key=lambda part: part[1])
    return f"{NAMES.get(name, (name, ''))[0]} {time_text(amount)}"


def _around(view: View, run: RunView, sample: SlowSample, width: int, zone: tzinfo | None) -> Iterator[Row]:
    what = "request" if run.kind == "requests" else "step"
    yield ((f"The {what} of {instant_text(view, sample.start_ns, zone)}", "title"),)
    if sample.parts:
        yield merged((("  ", ""), *share_bars(_parts(sample), width - 2)))
    for event in sample.events:
        yield (
            (f"  {instant_text(view, event.at_ns, zone)}  ", "label"),
            (f"{event.kind} {time_text(event.wall_ns) if event.wall_ns else ''}", "value"),
            (f"  {event.text}", "label"),
        )
    yield from _gauges(view, sample, width)
    yield from _lines(view, sample, zone)


def _parts(sample: SlowSample) -> list[tuple[str, float, str]]:
    named = ((*NAMES.get(part, (part, "label")), float(amount)) for part, amount in sample.parts)
    return with_other([(name, amount, style) for name, style, amount in named], sample.wall_ns)


def _gauges(view: View, sample: SlowSample, width: int) -> Iterator[Row]:
    """Readings of that second, against the mean of the chart."""
    devices = (
        ("host", view.host_device, HOST_GAUGES),
        ("worker", view.worker_device, WORKER_GAUGES),
        *((gpu.device, gpu, GPU_GAUGES) for gpu in view.gpus),
    )
    for name, device, gauges in devices:
        items = [item for gauge in gauges if (item := _reading(device, gauge, sample)) is not None]
        if items:
            yield merged(((f"  {name:<8}", "label"), *items_row(items, max(0, width - 10))))


def _reading(device: DeviceView, gauge: str, sample: SlowSample) -> Item | None:
    series = device.series.get(gauge)
    # A step that began before the second in which it ended: the reading that saw most of it is the last.
    then = value_at(series, sample.start_ns + sample.wall_ns)
    if series is None or then is None:
        return None
    known = [value for value in series.values if value is not None]
    mean = gauge_text(gauge, sum(known) / len(known))
    label = GAUGES[gauge].label
    return Item(((f"{label} ", "label"), (gauge_text(gauge, then), "value"), (f" (mean {mean})", "label")))


def _lines(view: View, sample: SlowSample, zone: tzinfo | None) -> Iterator[Row]:
    first, last = sample.start_ns - AROUND_NS, sample.start_ns + sample.wall_ns + AROUND_NS
    near = [line for line in view.log if first <= line.at_ns <= last]
    for line in near[-MOST_LINES:]:
        yield (
            (f"  {instant_text(view, line.at_ns, zone)}  ", "label"),
            (f"{line.origin}  ", "label"),
            (line.text, {"warning": "warning", "error": "failure"}.get(line.level, "value")),
        )
