"""Runs that are as they should be: a device at its limit is all that any rule has to say of them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from app.session.roofs.roofline import Roofline
from app.verdicts.kinds import AT_THE_LIMIT
from app.verdicts.rules import ALL
from app.verdicts.window import DeviceMeans, RankSums, RequestSums, Window
from tests.verdicts.h200 import CAPPED, COPY, MATMUL, device, on_h200, without_gpm
from tests.verdicts.windows import MS, SECOND, gauges, started, steps, window
from workloads.wire.frames import Verdict

BEHIND: dict[str, Any] = {"data_wait": 0.005, "h2d": 0.01, "ahead": 0.9, "sync": 0.0, "syncs": 0, "launches": 80_000}
"""Steps of a GPU that always has work in store."""
READS: dict[str, Any] = {"data_wait": 0.005, "h2d": 0.01, "sync": 0.7, "syncs": 200, "launches": 80_000}
"""The same with one read at the end of each step, as many scripts have it, which the GPU works through."""
ROOF = Roofline(device_name="a processor", host="h", kind="cpu", flops_per_s={"float32": 1e11}, bytes_per_s=1e10)
BUSY = {"sm_active_percent": 94.0, "sm_occupancy_percent": 30.0, "graphics_active_percent": 98.0}


def training(*, tensor: float, dram: float, **more: float) -> DeviceMeans:
    """A GPU that trains."""
    busy = {"tensor_active_percent": tensor, "dram_percent": dram, "sm_clock_mhz": 1_755.0}
    return device(MATMUL | BUSY | busy | more)


def passes(count: int, each_ms: float, samples: int, **changes: Any) -> dict[str, Any]:
    """Requests of a script that only infers, which are steps as well."""
    requests = RequestSums(
        count=count,
        samples=count * samples,
        seconds=count * each_ms * 1.02e-3,
        latency_median_ns=each_ms * MS,
        lag_ns=0,
        lag_p99_ns=0.0,
        queue_ns=0,
        service_ns=round(count * each_ms * MS),
        batches=count,
        ttft_ns=round(count * each_ms * MS),
    )
    of = steps(count, 1.02 * each_ms, forward=0.97, backward=0.0, optimizer=0.0, samples=count * samples, **changes)
    return {"requests": requests, "steps": of, "load": "closed"}


def on_cpu(cpu: float, **fields: Any) -> Window:
    """A script on two processors."""
    given = {
        "worker": gauges("worker", cpu_percent=cpu, threads=9, rss_bytes=8e8),
        "host": gauges("host", cpu_percent=cpu / 2 + 2, cpu_pressure_percent=1.0, cpu_steal_percent=0.0),
        "logical_processors": 2,
        "physical_cores": 2,
        "torch_threads": 2,
    }
    return window(**given | fields)


def own_server(**fields: Any) -> Window:
    """A workload of benchtop on two processors that answers a closed load, sixteen at a time of thirty-two."""
    requests = RequestSums(
        count=16_000,
        samples=16_000,
        seconds=10.0,
        latency_median_ns=20.0 * MS,
        lag_ns=0,
        lag_p99_ns=0.0,
        queue_ns=16_000 * 10 * MS,
        service_ns=round(16_000 * 9.8 * MS),
        batches=1_000,
        ttft_ns=16_000 * 9 * MS,
    )
    of = started(
        workload="infer/digits", parameters={"batch": 16, "load": "closed"}, flops_per_unit=2e7, unit="request"
    )
    return on_cpu(
        190.0, **{"requests": requests, "steps": None, "started": of, "roofline": ROOF, "hooked": False} | fields
    )


def two_ranks() -> Window:
    """DDP on two devices whose exchange is hidden."""
    parts: dict[str, Any] = {"data_wait": 0.01, "forward": 0.3, "backward": 0.6, "optimizer": 0.05, "ahead": 0.8}
    each = (steps(200, 50.0, comm=0.012, **parts), steps(200, 50.0, comm=0.03, **parts))
    return on_h200(
        training(tensor=45.0, dram=40.0),
        gpus=(training(tensor=45.0, dram=40.0), replace(training(tensor=44.0, dram=41.0), device="gpu1")),
        started=started("cuda:0", precision="bfloat16", ranks=2),
        steps=each[0],
        ranks=tuple(RankSums(rank=rank, steps=of) for rank, of in enumerate(each)),
    )


HEALTHY = {
    "products": on_h200(device(MATMUL, CAPPED), steps=steps(200, 50.0, **BEHIND)),
    "a transformer": on_h200(training(tensor=48.0, dram=41.0), steps=steps(60, 170.0, **BEHIND)),
    "a transformer whose loss is read": on_h200(training(tensor=48.0, dram=41.0), steps=steps(200, 50.0, **READS)),
    "a transformer in tf32": on_h200(
        training(tensor=52.0, dram=35.0, fp32_active_percent=9.0),
        started=started("cuda:0"),
        steps=steps(200, 50.0, **BEHIND),
    ),
    "convolutions": on_h200(training(tensor=35.0, dram=64.0), steps=steps(200, 50.0, **BEHIND)),
    "small convolutions": on_h200(
        training(tensor=18.0, dram=30.0, graphics_active_percent=91.0, sm_active_percent=76.0),
        steps=steps(2_000, 5.0, **READS),
    ),
    "copies": on_h200(device(COPY), steps=steps(200, 50.0, **BEHIND)),
    "inference": on_h200(training(tensor=40.0, dram=44.0), **passes(1_000, 9.5, 64, sync=0.5, syncs=1_000)),
    "a device without GPM": on_h200(
        without_gpm(MATMUL | {"power_w": 580.0, "memory_busy_percent": 45.0}), steps=steps(200, 50.0, **BEHIND)
    ),
    "two ranks": two_ranks(),
    "a tiny model on the CPU": on_cpu(104.0, steps=steps(6_000, 1.6, data_wait=0.02, forward=0.4, backward=0.4)),
    "products on the CPU": on_cpu(197.0, steps=steps(300, 33.0, forward=0.99)),
    "convolutions on the CPU": on_cpu(185.0, steps=steps(100, 98.0, data_wait=0.04, forward=0.3, backward=0.6)),
    "a transformer on the CPU": on_cpu(190.0, steps=steps(40, 250.0, forward=0.35, backward=0.6)),
    "inference on the CPU": on_cpu(188.0, **passes(400, 24.0, 32)),
    "a server on the CPU": own_server(),
    "copies of benchtop's own": on_cpu(
        150.0,
        hooked=False,
        started=started(workload="probe/copy", bytes_per_unit=5e7),
        roofline=ROOF,
        steps=steps(200, 50.0, samples=1_900),
    ),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_no_rule_warns_and_one_names_the_limit(name: str) -> None:
    of = HEALTHY[name]
    assert of.to_ns - of.from_ns == 10 * SECOND
    found = [said for rule in ALL if isinstance(said := rule(of), Verdict)]
    assert [verdict.summary for verdict in found if verdict.severity != "info"] == []
    assert {verdict.kind for verdict in found} & AT_THE_LIMIT
