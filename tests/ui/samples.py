"""Views to draw: an H200 that trains, two cores that train and serve, a probe, and a source that runs."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from app.session.live.view import DeviceView, LogLine, Parts, Quantiles, Reading, RunView, Series, View
from app.session.roofs.roofline import Roofline
from tests.telemetry import h200
from workloads.wire.frames import DeviceFacts, RunStarted, Source

SECOND = 1_000_000_000
NOW = 1_000 * SECOND
WALL_OFFSET = 1_700_000_000 * SECOND
FACTS = DeviceFacts(
    device="gpu0",
    name=h200.NAME,
    sm_clock_limit_mhz=1980,
    dram_limit_bytes_per_s=4814e9,
    power_limit_w=700.0,
    gpm=True,
)


def series(now_ns: int, level: float, swing: float = 0.1, length: int = 300, period: float = 23.0) -> Series:
    """A wave around a level, the same at the same instant, with its newest bucket at `now_ns`."""
    last = now_ns // SECOND
    values: list[float | None] = [
        level * (1 + swing * math.sin(at / period * 2 * math.pi) + swing / 3 * math.sin(at * 2.4))
        for at in range(last - length + 1, last + 1)
    ]
    return Series(SECOND, last, tuple([None] * max(0, 400 - length) + values))


def readings(now_ns: int, source: Source, **values: float) -> dict[str, Reading]:
    """Readings of one source."""
    return {name: Reading(value, source, now_ns) for name, value in values.items()}


def wobble(now_ns: int, level: float, share: float = 0.03) -> float:
    """A number that is a little different at every reading."""
    return level * (1 + share * math.sin(now_ns / 2.7e8) + share / 2 * math.sin(now_ns / 1.1e9))


def h200_device(now_ns: int = NOW) -> DeviceView:
    """An H200 at work."""
    gpm = readings(
        now_ns,
        "gpm",
        sm_active_percent=wobble(now_ns, 93),
        tensor_active_percent=wobble(now_ns, 61),
        sm_occupancy_percent=wobble(now_ns, 38),
        dram_bytes_per_s=wobble(now_ns, 3412e9),
        pcie_receive_bytes_per_s=wobble(now_ns, 0.21e9),
        pcie_send_bytes_per_s=wobble(now_ns, 12.7e6),
        nvlink_receive_bytes_per_s=0.0,
        nvlink_send_bytes_per_s=0.0,
    )
    nvml = readings(
        now_ns,
        "nvml",
        utilization_percent=99,
        memory_busy_percent=wobble(now_ns, 74),
        power_w=wobble(now_ns, 681),
        temperature_c=62,
        memory_temperature_c=71,
        sm_clock_mhz=wobble(now_ns, 1455),
        clock_event_reasons=4,
        memory_used_bytes=31.2 * 2**30,
        memory_total_bytes=h200.MEMORY_TOTAL,
    )
    return DeviceView(
        device="gpu0",
        facts=FACTS,
        readings={**gpm, **nvml},
        series={
            "sm_active_percent": series(now_ns, 88, 0.08),
            "tensor_active_percent": series(now_ns, 55, 0.2),
            "utilization_percent": series(now_ns, 99, 0),
            "dram_bytes_per_s": series(now_ns, 3200e9, 0.15),
        },
        processes=1,
    )


def host_device(now_ns: int = NOW, cores: int = 8) -> DeviceView:
    """A host with some load."""
    values = readings(
        now_ns,
        "psutil",
        cpu_percent=wobble(now_ns, 83),
        frequency_mhz=3400.0,
        memory_used_bytes=11.4 * 2**30,
        memory_total_bytes=31.2 * 2**30,
        memory_available_bytes=19.4 * 2**30,
        swap_used_bytes=0.0,
        cpu_pressure_percent=4.2,
        memory_pressure_percent=0.0,
        io_pressure_percent=0.3,
    )
    return DeviceView(
        device="host",
        readings=values,
        series={"cpu_percent": series(now_ns, 80, 0.15)},
        core_percent=tuple(wobble(now_ns + core * 10**9, 75, 0.3) for core in range(cores)),
    )


def worker_device(now_ns: int = NOW) -> DeviceView:
    """The workload's own processes."""
    return DeviceView(
        device="worker",
        readings=readings(now_ns, "proc", cpu_percent=wobble(now_ns, 187), rss_bytes=512 * 2**20, threads=7.0),
    )


def started(workload: str = "train/digits", **changes: object) -> RunStarted:
    """The start of a run on the CPU unless changed."""
    begun = RunStarted(
        run=1,
        at_ns=NOW - 60 * SECOND,
        workload=workload,
        parameters={},
        repeat=1,
        seed=0,
        device="cpu",
        device_name="CPU",
        precision="float32",
        unit="sample",
        flops_per_unit=1.2e6,
        bytes_per_unit=4.1e5,
    )
    return msgspec.structs.replace(begun, **changes)


def training(now_ns: int = NOW, **changes: object) -> RunView:
    """A training run in its measure phase."""
    run = RunView(
        run=1,
        workload="train/digits",
        state="running",
        started=started(),
        phase="measure",
        phase_began_ns=now_ns - 42 * SECOND,
        measured_s=42.0,
        steps=1280 + (now_ns - NOW) // (SECOND // 40),
        kind="steps",
        samples_per_s=wobble(now_ns, 5384),
        flops_per_s=wobble(now_ns, 6.5e9),
        bytes_per_s=wobble(now_ns, 2.2e9),
        loss=wobble(now_ns, 0.3412, 0.2),
        accuracy=0.9806,
        accuracy_samples=360,
        times=Quantiles(wobble(now_ns, 121.7e5, 0.005), 123.0e5, wobble(now_ns, 131.2e5, 0.004), 188.8e5, 1280),
        parts=Parts(data_wait=0.2e6, forward=3.9e6, backward=7.1e6, optimizer=0.7e6, wall=12.1e6),
    )
    return msgspec.structs.replace(run, **changes)


def serving(now_ns: int = NOW, **changes: object) -> RunView:
    """A serving run, planned."""
    return msgspec.structs.replace(RunView(run=2, workload="infer/digits"), **changes)


def cpu_view(now_ns: int = NOW, **changes: object) -> View:
    """A session on a host without an accelerator."""
    run = training(now_ns)
    view = View(
        name="train-digits",
        now_ns=now_ns,
        wall_offset_ns=WALL_OFFSET,
        host="desk",
        state="running",
        started_ns=NOW - 60 * SECOND,
        saved_bytes=4_200_000 + (now_ns - NOW) // 4000,
        runs=(run, serving()),
        current=run,
        host_device=host_device(now_ns),
        worker_device=worker_device(now_ns),
        throughput=series(now_ns - SECOND, 5300, 0.1, 55),
        bytes_per_s=series(now_ns - SECOND, 2.2e9, 0.1, 55),
        time_p50=series(now_ns - SECOND, 12.1e6, 0.05, 55),
        time_p99=series(now_ns - SECOND, 13.6e6, 0.1, 55),
        log=(LogLine(now_ns - 3 * SECOND, "info", "train/digits", "epoch 3: top1 accuracy 0.9806 of 360", 1),),
    )
    return msgspec.structs.replace(view, **changes)


def h200_view(now_ns: int = NOW, **changes: object) -> View:
    """A session on an H200."""
    begun = started(device="cuda:0", device_name=h200.NAME, limit_flops_per_s=989e12, flops_per_unit=8e8)
    run = training(
        now_ns,
        started=begun,
        samples_per_s=wobble(now_ns, 538_427),
        flops_per_s=wobble(now_ns, 430e12),
        mfu=wobble(now_ns, 0.465),
        parts=Parts(
            data_wait=0.3e6, h2d=0.4e6, forward=3.9e6, backward=7.1e6, optimizer=0.4e6, wall=12.2e6, device=11.8e6
        ),
    )
    view = cpu_view(
        now_ns,
        runs=(run, serving()),
        current=run,
        gpus=(h200_device(now_ns),),
        throughput=series(now_ns - SECOND, 530_000, 0.06, 200),
        time_p50=series(now_ns - SECOND, 12.1e6, 0.02, 200),
        time_p99=series(now_ns - SECOND, 13.6e6, 0.1, 200),
    )
    return msgspec.structs.replace(view, **changes)


ROOFLINE = Roofline(
    device_name=h200.NAME,
    host="bench",
    kind="cuda",
    flops_per_s={"bfloat16": 742e12, "float16": 690e12, "tf32": 421e12, "float32": 52e12, "float64": 61e12},
    bytes_per_s=4266e9,
    session="20300101-000000-probe",
)


def probed_view(now_ns: int = NOW, **changes: object) -> View:
    """An H200 whose roof is known: a training that goes on, a serving that is over, a probe, and one run to come."""
    view = h200_view(now_ns)
    gpu: dict[str, Any] = {
        "device": "cuda:0",
        "device_name": h200.NAME,
        "precision": "bfloat16",
        "limit_flops_per_s": 989.4e12,
    }
    begun = started(**gpu, flops_per_unit=8e8, bytes_per_unit=4e6, hardware_flops_per_unit=9e8)
    train = training(
        now_ns, run=3, host="bench", started=begun, samples_per_s=538_427.0, flops_per_s=430e12, mfu=0.435, hfu=0.49,
        mfu_measured=0.58, bandwidth_fraction=0.505,
    )  # fmt: skip
    serve = serving(
        run=2, host="bench", state="done", samples_per_s=40_000.0, flops_per_s=12e12,
        started=started("infer/digits", **gpu, flops_per_unit=3e8, bytes_per_unit=5e7),
    )  # fmt: skip
    matmul = serving(
        run=1, workload="probe/matmul", host="bench", state="done", samples_per_s=675.0, flops_per_s=742e12,
        started=started("probe/matmul", **gpu, unit="product", flops_per_unit=1.1e12, bytes_per_unit=4e8),
    )  # fmt: skip
    shown = msgspec.structs.replace(
        view, runs=(matmul, serve, train, RunView(run=4, workload="infer/gpt")), current=train, rooflines=(ROOFLINE,)
    )
    return msgspec.structs.replace(shown, **changes)
