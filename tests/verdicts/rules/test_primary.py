"""Runs with one thing wrong: of all that all rules say of them, that is told first."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from app.verdicts.ranking import alone, ranked
from app.verdicts.rules import ALL
from app.verdicts.window import RankSums, RequestSums, Window
from tests.verdicts.h200 import CAPPED, COPY, MATMUL, device, on_h200
from tests.verdicts.rules.test_at_the_limit import BEHIND, BUSY, READS, on_cpu, passes
from tests.verdicts.windows import MS, gauges, happened, started, steps
from workloads.wire.frames import Verdict

TOTAL = 150_754_820_096.0
GPT = {"batch": 4, "prompt": 512, "new": 128, "precision": "bfloat16", "load": "closed"}


def gpu(parts: dict[str, Any], reasons: dict[int, float] | None = None, **readings: float) -> Window:
    """A script that trains on an H200, with these parts of a step and readings."""
    of = device(MATMUL | BUSY | {"tensor_active_percent": 45.0, "dram_percent": 40.0} | readings, reasons)
    return on_h200(of, steps=steps(200, 50.0, **parts))


def churning() -> Window:
    """Memory is given back to the device and asked for again in every step; each waits for the device."""
    of = gpu(READS, graphics_active_percent=62.0, sm_active_percent=55.0, tensor_active_percent=28.0)
    one = of.gpus[0]
    grown = {"torch_device_mallocs": 4_000.0, "torch_retries": 0.0}
    counts = one.counts | dict.fromkeys(grown, 10)
    return replace(of, gpus=(replace(one, grown=one.grown | grown, counts=counts),))


def two_ranks(*parts: dict[str, Any]) -> Window:
    """DDP on two processors, a thread each, told of by a hook."""
    sums = [steps(200, 50.0, **each) for each in parts]
    return on_cpu(
        170.0,
        torch_threads=1,
        started=started(ranks=2),
        steps=sums[0],
        ranks=tuple(RankSums(rank=rank, steps=each) for rank, each in enumerate(sums)),
    )


def serving(**changes: Any) -> RequestSums:
    """Ten seconds of requests."""
    given: dict[str, Any] = {
        "count": 1_000,
        "samples": 1_000,
        "seconds": 10.0,
        "latency_median_ns": 9.0 * MS,
        "lag_ns": 0,
        "lag_p99_ns": 0.1 * MS,
        "queue_ns": 0,
        "service_ns": 9_700 * MS,
        "batches": 1_000,
        "ttft_ns": 9_700 * MS,
    }
    return RequestSums(**given | changes)


def own(of: RequestSums, *, load: str = "closed", **fields: Any) -> Window:
    """A workload of benchtop that serves on two processors."""
    parameters = {"batch": 1, "max_batch": 1, "load": load, "threads": 2}
    given: dict[str, Any] = {
        "started": started(workload="infer/digits", parameters=parameters, unit="request"),
        "steps": None,
        "requests": of,
        "hooked": False,
        "load": "open" if load == "poisson" else "closed",
    }
    return on_cpu(**{"cpu": 190.0} | given | fields)


def telling(*, ttft_ms: float, gap_ms: float, bytes_read: float, **readings: float) -> Window:
    """infer/gpt on the H200, four sequences at once."""
    of = serving(
        count=400,
        samples=400,
        batches=100,
        tokens=400 * 128,
        ttft_ns=round(400 * ttft_ms * MS),
        gaps=400 * 127,
        gap_ns=round(400 * 127 * gap_ms * MS),
    )
    run = started(
        "cuda:0",
        workload="infer/gpt",
        parameters=GPT,
        precision="bfloat16",
        unit="request",
        flops_per_unit=2e13,
        limit_flops_per_s=989e12,
        bytes_per_decode_step=bytes_read,
    )
    gpus = (device(MATMUL | BUSY | readings),)
    return on_h200(gpus[0], started=run, steps=None, requests=of, hooked=False, load="closed")


WRONG = {
    "tensor-cores-unused": on_h200(
        device(MATMUL | BUSY, tensor_active_percent=0.0, fp32_active_percent=70.0),
        started=started("cuda:0"),
        steps=steps(200, 50.0, **BEHIND),
    ),
    "low-occupancy": gpu(BEHIND, sm_active_percent=3.0, tensor_active_percent=0.0, dram_percent=1.0),
    "memory-nearly-full": gpu(BEHIND, memory_used_bytes=0.985 * TOTAL, torch_allocated_bytes=0.97 * TOTAL),
    "allocator-churn": churning(),
    "power-capped": gpu(BEHIND, CAPPED, power_w=350.0, power_limit_w=350.0, sm_clock_mhz=800.0),
    "thermally-throttled": gpu(BEHIND, {0x04: 0.2, 0x40: 0.9}, sm_clock_mhz=1_000.0, temperature_c=91.0),
    "bandwidth-bound": on_h200(device(COPY), steps=steps(200, 50.0, **BEHIND)),
    "straggler": two_ranks({"forward": 0.1, "backward": 0.82}, {"forward": 0.3, "backward": 0.62}),
    "communication-bound": two_ranks({"forward": 0.1, "backward": 0.85}, {"forward": 0.1, "backward": 0.85}),
    "queue-saturated": own(
        serving(due_per_s=300.0, waiting_first=100.0, waiting_last=1_500.0, queue_ns=8_000_000 * MS), load="poisson"
    ),
    "generator-limited": own(serving(lag_p99_ns=8.0 * MS, due_per_s=100.0), load="poisson"),
    "batch-too-small": own(serving(queue_ns=31 * 10_000 * MS), cpu=104.0),
    "prefill-compute-bound": telling(ttft_ms=60.0, gap_ms=0.1, bytes_read=3e8, tensor_active_percent=70.0),
    "decode-bandwidth-bound": telling(ttft_ms=10.0, gap_ms=1.0, bytes_read=3.3e9, dram_percent=66.0),
    "compute-bound": on_cpu(196.0, steps=steps(100, 98.0, data_wait=0.01, forward=0.3, backward=0.6)),
}
"""The kind that is to be told first → the run."""


def told(of: Window) -> list[Verdict]:
    """All verdicts, the primary one first."""
    return ranked(alone([said for rule in ALL if isinstance(said := rule(of), Verdict)]))


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_told_first(kind: str) -> None:
    assert [verdict.kind for verdict in told(WRONG[kind])][:1] == [kind]


def test_a_script_that_calls_its_model_with_one_input_at_a_time() -> None:
    """On a GPU it is bound by launches as well; more inputs a call are the remedy of both."""
    idle = device(MATMUL, graphics_active_percent=35.0, sm_active_percent=4.0, tensor_active_percent=1.0)
    of = on_h200(idle, **passes(10_000, 0.95, 1))
    assert [verdict.kind for verdict in told(of)][:2] == ["batch-too-small", "launch-bound"]


def test_a_script_that_nobody_asks() -> None:
    sleeps = on_cpu(40.0, **passes(300, 10.0, 32))
    worker = gauges("worker", cpu_percent=40.0, between_steps_percent=70.0)
    assert sleeps.requests is not None
    of = replace(sleeps, worker=worker, requests=replace(sleeps.requests, seconds=10.0))
    assert told(of)[0].kind == "generator-limited"


def test_retries_of_the_allocator_name_what_they_cost() -> None:
    full = gpu(BEHIND, memory_used_bytes=0.985 * TOTAL, torch_allocated_bytes=0.9 * TOTAL)
    of = replace(full, happened=happened("allocator-retry", 40, 60.0))
    assert {verdict.kind for verdict in told(of)[:2]} == {"allocator-churn", "memory-nearly-full"}
