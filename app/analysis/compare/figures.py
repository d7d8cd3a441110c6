"""The numbers of the table that holds training against inference: how each is read off the runs of one configuration.

Needs are what a machine must have to do this: the highest that was seen, not the mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from app.analysis.compare.brief import Brief
from app.analysis.compare.groups import Group
from app.analysis.summary.gauge_summary import GaugeSummary
from app.analysis.summary.metrics import BY_NAME
from app.analysis.summary.report import RunSummary
from app.session.results.environments import Section
from app.session.roofs.roofline import devices_of, shares

Value = float | str | None


class Measured(NamedTuple):
    """One column."""

    group: Group
    runs: Sequence[Brief]


class Figure(NamedTuple):
    """One row."""

    section: Section
    name: str
    label: str
    read: Callable[[Measured], Value]


def _mean(values: Iterator[float | None]) -> float | None:
    """None where one of the runs has none."""
    found = list(values)
    known = [value for value in found if value is not None]
    return math.fsum(known) / len(known) if known and len(known) == len(found) else None


def _of_run(read: Callable[[RunSummary], float | None]) -> Callable[[Measured], Value]:
    return lambda measured: _mean(read(run.summary) for run in measured.runs)


def _metric(name: str) -> Callable[[Measured], Value]:
    return _of_run(BY_NAME[name].read)


def _started(name: str) -> Callable[[Measured], Value]:
    def read(measured: Measured) -> Value:
        started = measured.group.records[0].started
        value = None if started is None else getattr(started, name)
        return value if isinstance(value, int | float | str) else None

    return read


def _parameter(name: str) -> Callable[[Measured], Value]:
    def read(measured: Measured) -> Value:
        started = measured.group.records[0].started
        return None if started is None else started.parameters.get(name)

    return read


def _seconds(measured: Measured) -> Value:
    """From the first frame of the run to its end: what it takes in all, building and warming up included."""
    spans = [
        (record.ended_ns - record.started.at_ns) / 1e9
        for record in measured.group.records
        if record.ended_ns is not None and record.started is not None
    ]
    return _mean(iter(spans)) if spans else None


def _devices(measured: Measured) -> Value:
    """GPUs of all its ranks; None where the work is done on processors."""
    started = measured.group.records[0].started
    if started is None or not started.device.startswith("cuda"):
        return None
    return devices_of(started, measured.group.of.loaded.manifest.plan.hosts)


def _mfu(measured: Measured) -> Value:
    hosts = measured.group.of.loaded.manifest.plan.hosts
    return _mean(shares(run.summary.started, run.summary.samples_per_s, None, hosts).mfu for run in measured.runs)


def _gauge(kind: str, name: str, *, peak: bool = False) -> Callable[[Measured], Value]:
    """Of the devices of a kind: the mean over those that were used, or the highest."""

    def of(run: RunSummary) -> float | None:
        found = [gauge for gauge in _used(run, kind) if gauge.name == name]
        if not found:
            return None
        return max(each.peak for each in found) if peak else math.fsum(each.mean for each in found) / len(found)

    if peak:
        return lambda measured: max((v for run in measured.runs if (v := of(run.summary)) is not None), default=None)
    return _of_run(of)


def _used(run: RunSummary, kind: str) -> list[GaugeSummary]:
    """Readings of the devices of a kind."""
    if kind == "gpu" and (run.started is None or not run.started.device.startswith("cuda")):
        return []
    return [gauge for gauge in run.gauges if gauge.device.rpartition(":")[2].startswith(kind)]


def _processors(measured: Measured) -> Value:
    """As many as the workload's own processes kept busy at once, at most."""
    percent = _gauge("worker", "cpu_percent", peak=True)(measured)
    return percent / 100 if isinstance(percent, float) else None


def _joules(run: RunSummary) -> float | None:
    joules = [energy.joules for energy in run.energy if energy.device.rpartition(":")[2].startswith("gpu")]
    return math.fsum(joules) if joules else None


FIGURES: Final[tuple[Figure, ...]] = (
    Figure("scale", "device", "device", _started("device_name")),
    Figure("scale", "precision", "precision", _started("precision")),
    Figure("scale", "ranks", "ranks", _started("ranks")),
    Figure("scale", "batch", "batch of a rank", _parameter("batch")),
    Figure("scale", "concurrency", "concurrency", _parameter("concurrency")),
    Figure("scale", "load", "load", _parameter("load")),
    Figure("scale", "rate", "requests/s asked", _parameter("rate")),
    Figure("scale", "samples", "samples measured", _of_run(lambda run: float(run.samples))),
    Figure("scale", "measured_s", "time measured", _of_run(lambda run: run.measured_s)),
    Figure("scale", "run_s", "time of a run", _seconds),
    Figure("speed", "samples_per_s", "throughput", _metric("samples_per_s")),
    Figure("speed", "tokens_per_s", "tokens", _metric("tokens_per_s")),
    Figure("speed", "step_p50_ms", "step time p50", _metric("step_p50_ms")),
    Figure("speed", "step_p99_ms", "step time p99", _metric("step_p99_ms")),
    Figure("speed", "latency_p50_ms", "latency p50", _metric("latency_p50_ms")),
    Figure("speed", "latency_p99_ms", "latency p99", _metric("latency_p99_ms")),
    Figure("speed", "ttft_p50_ms", "TTFT p50", _metric("ttft_p50_ms")),
    Figure("speed", "tpot_p50_ms", "TPOT p50", _metric("tpot_p50_ms")),
    Figure("speed", "flops_per_unit", "FLOPs of a sample", _started("flops_per_unit")),
    Figure("speed", "bytes_per_unit", "bytes of a sample", _started("bytes_per_unit")),
    Figure("speed", "flops_per_s", "arithmetic", _metric("flops_per_s")),
    Figure("speed", "mfu", "MFU", _mfu),
    Figure("quality", "accuracy", "held-out top-1", _metric("accuracy")),
    Figure("quality", "bits_per_byte", "bits per byte", _metric("bits_per_byte")),
    Figure("quality", "held_out_loss", "held-out loss", _metric("held_out_loss")),
    Figure("resources", "utilization_percent", "GPU utilization", _gauge("gpu", "utilization_percent")),
    Figure("resources", "sm_active_percent", "SM active", _gauge("gpu", "sm_active_percent")),
    Figure("resources", "tensor_active_percent", "tensor active", _gauge("gpu", "tensor_active_percent")),
    Figure("resources", "dram_bytes_per_s", "DRAM bandwidth", _gauge("gpu", "dram_bytes_per_s")),
    Figure("resources", "memory_used_bytes", "GPU memory", _gauge("gpu", "memory_used_bytes")),
    Figure("resources", "cpu_percent", "CPU of the workload", _gauge("worker", "cpu_percent")),
    Figure("resources", "rss_bytes", "host memory of it", _gauge("worker", "rss_bytes")),
    Figure("resources", "data_wait_fraction", "data wait", _metric("data_wait_fraction")),
    Figure("energy", "power_w", "GPU power", _gauge("gpu", "power_w")),
    Figure("energy", "measured_j", "energy measured", _of_run(_joules)),
    Figure("energy", "joules_per_sample", "energy of a sample", _metric("joules_per_sample")),
    Figure("needs", "gpus", "GPUs", _devices),
    Figure("needs", "gpu_memory_bytes", "memory of each", _gauge("gpu", "memory_used_bytes", peak=True)),
    Figure("needs", "gpu_dram_bytes_per_s", "DRAM bandwidth", _gauge("gpu", "dram_bytes_per_s", peak=True)),
    Figure("needs", "gpu_power_w", "power of each", _gauge("gpu", "power_w", peak=True)),
    Figure("needs", "pcie_receive_bytes_per_s", "PCIe to each", _gauge("gpu", "pcie_receive_bytes_per_s", peak=True)),
    Figure(
        "needs", "nvlink_receive_bytes_per_s", "NVLink to each", _gauge("gpu", "nvlink_receive_bytes_per_s", peak=True)
    ),
    Figure("needs", "processors", "processors", _processors),
    Figure("needs", "host_rss_bytes", "host memory", _gauge("worker", "rss_bytes", peak=True)),
    Figure("needs", "disk_read_bytes_per_s", "disk, reading", _gauge("host", "disk_read_bytes_per_s", peak=True)),
    Figure(
        "needs", "network_receive_bytes_per_s", "network, in", _gauge("host", "network_receive_bytes_per_s", peak=True)
    ),
)
