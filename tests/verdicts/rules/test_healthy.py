"""Runs that are as they should be: no rule about the host or about time warns of one."""

from __future__ import annotations

from typing import Any

import pytest

from app.verdicts.rules.host import RULES as HOST
from app.verdicts.rules.over_time import RULES as OVER_TIME
from app.verdicts.window import RequestSums, Window
from tests.verdicts.courses import course, events_at, row, stalls
from tests.verdicts.h200 import COPY, HOST_TO_DEVICE, IDLE, MATMUL, SMALL_LAUNCHES
from tests.verdicts.windows import MS, gauges, gpu, happened, started, steps, window
from workloads.wire.frames import Verdict


def on_gpu(readings: dict[str, float], **parts: Any) -> Window:
    """A script on an H200 that is busy."""
    sums = {"step_ms": 25.0, "data_wait": 0.02, "h2d": 0.01, "sync": 0.0, "syncs": 0, "ahead": 2.0} | parts
    return window(
        started=started("cuda:0"),
        steps=steps(**sums),
        gpus=(gpu(**readings),),
        worker=gauges("worker", cpu_percent=130.0, threads=60, rss_bytes=4e9),
        logical_processors=32,
        physical_cores=16,
        course=course(),
        torch_threads=16,
    )


def serving(**fields: Any) -> Window:
    """Answers one behind the other, in a closed loop."""
    answers = RequestSums(
        count=2_000,
        samples=2_000,
        seconds=10.0,
        latency_median_ns=4.9e6,
        lag_ns=0,
        lag_p99_ns=0.0,
        service_ns=9_800_000_000,
        batches=2_000,
    )
    return window(**{"steps": None, "requests": answers, "load": "closed", "course": course()} | fields)


HEALTHY: dict[str, Window] = {
    "convolutions on all processors": window(
        steps=steps(40, 250.0, data_wait=0.03, forward=0.3, backward=0.6, optimizer=0.05),
        worker=gauges("worker", cpu_percent=385.0, threads=14, rss_bytes=1.2e9),
        host=gauges("host", cpu_percent=98.0, cpu_pressure_percent=12.0, cpu_steal_percent=0.2, swap_in_bytes_per_s=0),
        torch_threads=4,
        course=course(step_ns=row(lambda _: 250 * MS, noise=0.05)),
    ),
    "a tiny model at thousands of steps a second": window(
        steps=steps(20_000, 0.5, data_wait=0.0),
        worker=gauges("worker", cpu_percent=101.0, threads=6),
        torch_threads=4,
        course=course(),
    ),
    "a loader with workers that keeps up": window(
        steps=steps(data_wait=0.06),
        worker=gauges("worker", cpu_percent=360.0, threads=30),
        host=gauges("host", cpu_percent=93.0, cpu_pressure_percent=35.0, cpu_steal_percent=0.0),
        torch_threads=4,
        course=course(),
    ),
    "evaluation and a checkpoint now and then": window(
        steps=steps(data_wait=0.01),
        course=course(stalls=stalls(9.0, 300.0, count=4), events=events_at(stalls(9.0, 300.0, count=4), "checkpoint")),
        happened=happened("checkpoint", 1, 300.0),
    ),
    "steps of changing lengths": window(
        steps=steps(data_wait=0.02), course=course(step_ns=row(lambda _: 50 * MS, noise=0.25))
    ),
    "one thread on purpose": window(
        steps=steps(data_wait=0.0), worker=gauges("worker", cpu_percent=100.0), torch_threads=1, course=course()
    ),
    "products on a GPU, the host far ahead": on_gpu(MATMUL),
    "copies on a GPU": on_gpu(COPY),
    "the loss read at the end of every step": on_gpu(MATMUL | {"graphics_active_percent": 93.0}, sync=0.8, syncs=200),
    "data waited for while the GPU computes": on_gpu(MATMUL, data_wait=0.6, ahead=1.1),
    "pageable copies of little": on_gpu(MATMUL, h2d=0.03, h2d_bytes=10**8, pageable_bytes=10**8),
    "copies that the GPU waits behind, hidden": on_gpu(MATMUL, h2d=0.7, h2d_bytes=10**10, pageable_bytes=10**10),
    "answers on the CPU": serving(),
    "answers on a GPU": serving(started=started("cuda:0"), gpus=(gpu(**MATMUL),)),
    "few requests in an open load": serving(
        started=started("cuda:0"),
        gpus=(gpu(**MATMUL | {"graphics_active_percent": 20.0}),),
        requests=RequestSums(
            count=200,
            samples=200,
            seconds=10.0,
            latency_median_ns=11e6,
            lag_ns=0,
            lag_p99_ns=0.0,
            service_ns=2_200_000_000,
            batches=200,
        ),
        load="open",
    ),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_no_rule_warns_of_a_healthy_run(name: str) -> None:
    said = [rule(HEALTHY[name]) for rule in (*HOST, *OVER_TIME)]
    warned = [each.summary for each in said if isinstance(each, Verdict) and each.severity != "info"]
    assert not warned


@pytest.mark.parametrize(
    ("readings", "parts", "kind"),
    [
        (SMALL_LAUNCHES, {"step_ms": 2.0, "ahead": 0.0}, "launch-bound"),
        (HOST_TO_DEVICE, {"h2d_bytes": 5 * 10**11, "pageable_bytes": 0}, "transfer-bound"),
        (IDLE, {"data_wait": 0.95, "ahead": 0.0}, "input-bound"),
    ],
)
def test_what_an_h200_reads_when_it_waits_gives_one_warning(
    readings: dict[str, float], parts: dict[str, Any], kind: str
) -> None:
    said = [rule(on_gpu(readings, **parts)) for rule in (*HOST, *OVER_TIME)]
    assert [each.kind for each in said if isinstance(each, Verdict)] == [kind]


def test_rules_say_nothing_of_a_window_without_anything() -> None:
    said = [rule(Window(run=1, from_ns=0, to_ns=10**10)) for rule in (*HOST, *OVER_TIME)]
    assert not [each for each in said if isinstance(each, Verdict)]
