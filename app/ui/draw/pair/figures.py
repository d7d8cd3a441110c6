"""What is compared of two sessions at one instant: a number of each, and the second one relative to the first. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from app.session.live.view import DeviceView, Parts, Quantiles, RunView, Series, View
from app.session.results.carried import carries
from app.text.gauges import gauge_text
from app.text.numbers import bytes_text, count, duration, flops, loss_text, rate, short
from app.text.units import units_of
from app.ui.draw.content import value_of
from app.ui.draw.labels import axis_bytes, axis_percent, axis_text, fraction_percent, time_unit
from app.ui.draw.throughput import NO_RUN, count_rate
from app.ui.draw.times import PARTS
from workloads.wire.gauges import GAUGES

Good = Literal["more", "less", ""]
"""Which of two numbers is the better one; empty: neither, or nobody can say."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a panel."""

    label: str
    first: float | None
    second: float | None
    text: Callable[[float], str]
    good: Good = ""
    brief: Callable[[float], str] | None = None
    """Where there is little room; None: as `text`, without the unit."""
    comparable: bool = True
    """Whether both are of the same kind of work."""
    points: bool = False
    """Both are percents: what matters is by how many of them they differ."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One panel: rows, the most important first, and a course of each session."""

    title: str
    figures: tuple[Figure, ...]
    courses: tuple[Series | None, Series | None]
    axis: Callable[[float], str]
    top: float | None = None
    """A fixed upper edge of the chart."""


BRIEF: Final = {
    "requests/s": "req./s",
    "products/s": "prod./s",
    "launches/s": "laun./s",
    "collectives/s": "coll./s",
    "CPU pressure": "CPU PSI",
    "memory pressure": "mem. PSI",
    "I/O pressure": "I/O PSI",
    "worker CPU": "own CPU",
    "worker threads": "threads",
    "network in": "net in",
    "tensor active": "tensor",
    "GPU utilization": "GPU util",
    "temperature": "temp.",
    "DRAM bandwidth": "DRAM",
    "memory used": "used",
    "memory temperature": "mem. temp",
    "traffic, counted": "traffic",
    "worker RSS": "RSS",
    "host memory used": "host used",
    "host memory available": "host free",
    "host swap used": "swap",
}
"""Labels where there is little room."""
HOST: Final = (
    "cpu_percent",
    "cpu_pressure_percent",
    "frequency_mhz",
    "io_pressure_percent",
    "memory_pressure_percent",
    "cpu_steal_percent",
    "disk_read_bytes_per_s",
    "network_receive_bytes_per_s",
)
GPU: Final = (
    "sm_active_percent",
    "tensor_active_percent",
    "sm_occupancy_percent",
    "utilization_percent",
    "power_w",
    "temperature_c",
    "sm_clock_mhz",
    "pcie_receive_bytes_per_s",
    "pcie_send_bytes_per_s",
    "nvlink_receive_bytes_per_s",
)
DRAM: Final = "dram_bytes_per_s"


def sheets(first: View, second: View, gpu: int = 0) -> tuple[Sheet, ...]:
    """Device, memory, throughput, time: as the four panels of the live screen."""
    return (_device(first, second, gpu), _memory(first, second, gpu), _throughput(first, second), _time(first, second))


def _throughput(first: View, second: View) -> Sheet:
    one, two = first.current or NO_RUN, second.current or NO_RUN

    def figure(
        label: str,
        field: str,
        text: Callable[[float], str],
        good: Good = "",
        brief: Callable[[float], str] | None = None,
    ) -> Figure:
        return Figure(
            label=label, first=getattr(one, field), second=getattr(two, field), text=text, good=good, brief=brief
        )

    units = _units(one, two)
    found = (
        figure(f"{units}/s", "samples_per_s", count_rate, "more"),
        figure("tokens/s", "tokens_per_s", count_rate, "more"),
        figure("MFU", "mfu", fraction_percent, "more"),
        Figure(label="good", first=_good(one), second=_good(two), text=fraction_percent, good="more"),
        figure("loss", "loss", loss_text, "less"),
        figure("accuracy", "accuracy", fraction_percent, "more"),
        figure("bits/byte", "bits_per_byte", loss_text, "less"),
        Figure(label="step" if one.kind != "requests" else "request", first=one.steps, second=two.steps, text=count),
        figure("FLOP/s", "flops_per_s", flops, "more", short),
        figure("bytes/s", "bytes_per_s", rate, "", short),
        Figure(label="measured", first=one.measured_s, second=two.measured_s, text=duration),
    )
    return Sheet(
        title="Throughput",
        figures=_alike(one, two, _known(found, keep=1)),
        courses=(first.throughput, second.throughput),
        axis=axis_text,
    )


def _units(one: RunView, two: RunView) -> str:
    """What both count their work in, as far as that is known; `units` where they differ."""
    known = {
        "requests" if run.kind == "requests" else units_of(run.started)
        for run in (one, two)
        if run.kind is not None or run.started is not None
    }
    return known.pop() if len(known) == 1 else "units" if known else "samples"


def _alike(one: RunView, two: RunView, figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """A step of training is not held against a request."""
    if one.kind is None or two.kind is None or one.kind == two.kind:
        return figures
    return tuple(msgspec.structs.replace(figure, comparable=False) for figure in figures)


def _good(run: RunView) -> float | None:
    return None if run.good is None else run.good.share


def _time(first: View, second: View) -> Sheet:
    one, two = first.current or NO_RUN, second.current or NO_RUN
    unit = time_unit(next((run.times.p50 for run in (one, two) if run.times is not None), 1e6))
    serving = "requests" in (one.kind, two.kind)
    figures = [
        _timed(label, _quantile(one.times, field), _quantile(two.times, field))
        for label, field in (("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("max", "largest"))
    ]
    if serving:
        for label, field in (("TTFT p50", "ttft"), ("TPOT p50", "tpot"), ("ITL p50", "itl")):
            figures.append(_timed(label, _told(one, field), _told(two, field)))
    else:
        own, other = one.parts or Parts(), two.parts or Parts()
        # Of the last seconds; the quantiles are of all that was measured.
        figures += [_timed(f"{label} now", getattr(own, field), getattr(other, field)) for label, field, _ in PARTS]
        figures.append(_timed("mean now", own.wall or None, other.wall or None))
        figures.append(_timed("device now", own.device, other.device))
    name = {"steps": "Step time", "requests": "Latency"}
    names = dict.fromkeys(name[run.kind] for run in (one, two) if run.kind is not None)
    return Sheet(
        title=" and ".join(names).capitalize() or "Step time",
        figures=_alike(one, two, _known(tuple(figures), keep=4)),
        courses=(first.time_p50, second.time_p50),
        axis=unit.axis,
    )


def _quantile(times: Quantiles | None, field: str) -> float | None:
    """None for a percentile that so few samples do not carry."""
    if times is None:
        return None
    share = {"p95": 0.95, "p99": 0.99}.get(field)
    return getattr(times, field) if share is None or carries(times.count, share) else None


def _told(run: RunView, field: str) -> float | None:
    times = None if run.told is None else getattr(run.told, field)
    return None if times is None else times.p50


def _timed(label: str, first: float | None, second: float | None) -> Figure:
    """In the unit that reads well for the longer one; one that is far shorter in its own."""
    longer = time_unit(max((ns for ns in (first, second) if ns is not None), default=1e6))

    def text(ns: float) -> str:
        unit = longer if ns >= longer.ns / 10 else time_unit(ns)
        return f"{unit.text(ns)} {unit.name}"

    return Figure(label=label, first=first, second=second, text=text, good="less")


def _device(first: View, second: View, gpu: int) -> Sheet:
    one, two = _gpu(first, gpu), _gpu(second, gpu)
    if one is None and two is None:
        names = HOST
        one, two = first.host_device, second.host_device
        figures = _gauges(one, two, names) + _worker(first, second)
        title, course = "CPU", "cpu_percent"
    else:
        figures = _gauges(one, two, GPU) + _gauges(first.host_device, second.host_device, HOST[:1])
        several = max(len(first.gpus), len(second.gpus)) > 1
        title, course = _which(one, two) if several else "GPU", "sm_active_percent"
        if not any(device is not None and course in device.series for device in (one, two)):
            course = "utilization_percent"
    return Sheet(
        title=title,
        figures=_known(figures, keep=1),
        courses=(_course(one, course), _course(two, course)),
        axis=axis_percent,
        top=100.0,
    )


def _worker(first: View, second: View) -> tuple[Figure, ...]:
    names = ("cpu_percent", "threads")
    found = _gauges(first.worker_device, second.worker_device, names)
    return tuple(msgspec.structs.replace(figure, label=f"worker {figure.label}") for figure in found)


def _memory(first: View, second: View, gpu: int) -> Sheet:
    one, two = _gpu(first, gpu), _gpu(second, gpu)
    figures: tuple[Figure, ...] = ()
    courses = (_course(one, DRAM), _course(two, DRAM))
    if one is not None or two is not None:
        names = (DRAM, "memory_used_bytes", "torch_allocated_bytes", "torch_reserved_bytes", "memory_temperature_c")
        figures = _gauges(one, two, names)
    if not any(courses):
        counted = ((first.current or NO_RUN).bytes_per_s, (second.current or NO_RUN).bytes_per_s)
        figures = (
            Figure(label="traffic, counted", first=counted[0], second=counted[1], text=rate, brief=short),
            *figures,
        )
        courses = (first.bytes_per_s, second.bytes_per_s)
    rss = value_of(first.worker_device, "rss_bytes"), value_of(second.worker_device, "rss_bytes")
    figures += (Figure(label="worker RSS", first=rss[0], second=rss[1], text=bytes_text),)
    host = _gauges(
        first.host_device, second.host_device, ("memory_used_bytes", "memory_available_bytes", "swap_used_bytes")
    )
    figures += tuple(msgspec.structs.replace(figure, label=f"host {figure.label}") for figure in host)
    return Sheet(title="Memory", figures=_known(figures, keep=1), courses=courses, axis=axis_bytes)


def _gpu(view: View, gpu: int) -> DeviceView | None:
    return view.gpus[((view.own_gpu or 0) + gpu) % len(view.gpus)] if view.gpus else None


def _which(one: DeviceView | None, two: DeviceView | None) -> str:
    """`GPU 3`, or `GPU 3 and 0` where the sessions were on different ones."""
    names = dict.fromkeys(device.device.removeprefix("gpu") for device in (one, two) if device is not None)
    return f"GPU {' and '.join(names)}"


def _gauges(one: DeviceView | None, two: DeviceView | None, names: tuple[str, ...]) -> tuple[Figure, ...]:
    def of(device: DeviceView | None, name: str) -> float | None:
        return None if device is None else value_of(device, name)

    def text(name: str) -> Callable[[float], str]:
        return lambda value: gauge_text(name, value)

    return tuple(
        Figure(
            label=GAUGES[name].label,
            first=of(one, name),
            second=of(two, name),
            text=text(name),
            brief=short if name.endswith("_per_s") else None,
            points=name.endswith("_percent"),
        )
        for name in names
        if name in GAUGES
    )


def _course(device: DeviceView | None, name: str) -> Series | None:
    return None if device is None else device.series.get(name)


def _known(figures: tuple[Figure, ...], keep: int) -> tuple[Figure, ...]:
    """Those that one of both has; the first ones stay, so that the panel does not jump."""
    return tuple(
        figure
        for number, figure in enumerate(figures)
        if number < keep or figure.first is not None or figure.second is not None
    )
