"""Many accelerators and ranks at once: for each a strip of one gauge over time, and for each rank what its steps are.

A cell is two seconds, its height the value: what differs from the others is seen without reading a number.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from functools import partial

from app.session.live.view import RankView, RunView, View
from app.text.evidence import time_text
from app.text.gauges import gauge_text
from app.ui.draw.bars import bar, level
from app.ui.draw.columns import columns
from app.ui.draw.content import value_of
from app.ui.draw.labels import shown, whole_percent
from app.ui.draw.rows import Row, clipped, merged, text_row
from workloads.wire.gauges import GAUGES

SHOWN = (
    "sm_active_percent",
    "utilization_percent",
    "tensor_active_percent",
    "dram_bytes_per_s",
    "power_w",
    "sm_clock_mhz",
    "temperature_c",
    "memory_used_bytes",
    "nvlink_receive_bytes_per_s",
    "pcie_receive_bytes_per_s",
)
"""Gauges that can be chosen, where a device gives them."""
VALUE_CELLS = 12
BAR_CELLS = 30
OUTLIER = 0.1
"""A rank whose own work is this part more than the median of all is marked."""


def heat_gauges(view: View) -> tuple[str, ...]:
    """Those of SHOWN that any accelerator of the session gives."""
    return tuple(gauge for gauge in SHOWN if any(gauge in gpu.series for gpu in view.gpus))


def heat_page(view: View, chosen: int, width: int) -> list[Row]:
    """All of it, rows of at most `width` cells. `chosen`: which of `heat_gauges`, counted round."""
    rows = [*_devices(view, chosen, width), *_ranks(view.current)]
    if not rows:
        rows = [text_row("one device and one rank: there is nothing to hold against each other", "label")]
    return [clipped(row, width) for row in rows]


def _devices(view: View, chosen: int, width: int) -> Iterator[Row]:
    gauges = heat_gauges(view)
    if not gauges or len(view.gpus) < 2:
        return
    gauge = gauges[chosen % len(gauges)]
    names = max(len(gpu.device) for gpu in view.gpus)
    cells = max(1, width - names - VALUE_CELLS - 5)
    series = [gpu.series.get(gauge) for gpu in view.gpus]
    last = max((each.last for each in series if each is not None), default=None)
    strips = [columns(each, cells, last) for each in series]
    top = (
        100.0 if gauge.endswith("_percent") else max((v for each in strips for v in each if v is not None), default=1.0)
    )
    yield ((f"{GAUGES[gauge].label} of each device", "title"), (f"   from 0 to {gauge_text(gauge, top)}", "label"))
    for gpu, values in zip(view.gpus, strips, strict=True):
        yield merged(
            (
                (f" {gpu.device:<{names}}  ", "label"),
                *_strip(values, top),
                (f"{shown(value_of(gpu, gauge), partial(gauge_text, gauge)):>{VALUE_CELLS}}", "value"),
            )
        )
    yield ()


def _strip(values: Sequence[float | None], top: float) -> Iterator[tuple[str, str]]:
    for left, right in zip(values[::2], values[1::2], strict=True):
        known = [value for value in (left, right) if value is not None]
        share = 100 * sum(known) / len(known) / top if known and top else 0.0
        style = "device-second" if share >= 75 else "device" if share >= 25 else "label"
        yield (level(share), style) if known else (" ", "")


def _ranks(run: RunView | None) -> Iterator[Row]:
    """A row each: step, own work as a bar, the waits for data and for others."""
    if run is None or not run.ranks:
        return
    works = [rank.own if rank.own is not None else rank.step for rank in run.ranks]
    known = [work for work in works if work is not None]
    if not known:
        return
    largest, median = max(known), statistics.median(known)
    yield (("Own work of each rank in a step", "title"), ("   without the waits for others", "label"))
    for rank, work in zip(run.ranks, works, strict=True):
        slow = work is not None and work > (1 + OUTLIER) * median
        cells = bar(work / largest, BAR_CELLS) if work is not None and largest else ""
        yield merged(
            (
                (f" {rank.rank:>4}  ", "label"),
                (f"{cells:<{BAR_CELLS}}", "warning" if slow else "time"),
                (f"{shown(work, time_text):>10}", "value"),
                (f"  {work / median:.2f}× the median" if slow and work is not None else "", "warning"),
                *_waits(rank),
            )
        )


def _waits(rank: RankView) -> Iterator[tuple[str, str]]:
    for name, share in (("data wait", rank.data_wait_share), ("comm", rank.comm_share)):
        if share is not None:
            yield f"  {name} ", "label"
            yield whole_percent(100 * share), "value"
