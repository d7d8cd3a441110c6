"""The metrics that runs are told and compared by: names, labels, units, and which way is better; and a run's headline.

How each is read off a run is in `app.analysis.summary.metrics`; live, off a view, in `app.session.results.variants`.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from workloads.wire.frames import RunStarted

Better = Literal["higher", "lower"]


class Metric(msgspec.Struct, frozen=True):
    """One number of a run."""

    name: str
    """As in documents and Estimate frames."""
    label: str
    """As a person reads it."""
    unit: str
    """Empty: it has none."""
    better: Better


METRICS: Final = (
    Metric("samples_per_s", "throughput", "samples/s", "higher"),
    Metric("tokens_per_s", "tokens", "tokens/s", "higher"),
    Metric("flops_per_s", "arithmetic", "FLOP/s", "higher"),
    Metric("counted_bytes_per_s", "bytes moved", "B/s", "higher"),
    Metric("mfu", "MFU", "", "higher"),
    Metric("step_p50_ms", "step time p50", "ms", "lower"),
    Metric("step_p99_ms", "step time p99", "ms", "lower"),
    Metric("latency_p50_ms", "latency p50", "ms", "lower"),
    Metric("latency_p90_ms", "latency p90", "ms", "lower"),
    Metric("latency_p95_ms", "latency p95", "ms", "lower"),
    Metric("latency_p99_ms", "latency p99", "ms", "lower"),
    Metric("latency_p99_9_ms", "latency p99.9", "ms", "lower"),
    Metric("latency_from_send_p50_ms", "latency from send p50", "ms", "lower"),
    Metric("latency_from_send_p99_ms", "latency from send p99", "ms", "lower"),
    Metric("ttft_p50_ms", "TTFT p50", "ms", "lower"),
    Metric("ttft_p99_ms", "TTFT p99", "ms", "lower"),
    Metric("tpot_p50_ms", "TPOT p50", "ms", "lower"),
    Metric("tpot_p99_ms", "TPOT p99", "ms", "lower"),
    Metric("itl_p50_ms", "ITL p50", "ms", "lower"),
    Metric("itl_p99_ms", "ITL p99", "ms", "lower"),
    Metric("good_per_s", "goodput", "requests/s", "higher"),
    Metric("data_wait_fraction", "data wait", "", "lower"),
    Metric("accuracy", "top-1", "", "higher"),
    Metric("held_out_loss", "held-out loss", "nats", "lower"),
    Metric("bits_per_byte", "bits per byte", "", "lower"),
    Metric("joules_per_sample", "energy", "J a unit", "lower"),
)
"""In the order in which they are told."""

BY_NAME: Final = {metric.name: metric for metric in METRICS}

QUALITY: Final = ("accuracy", "bits_per_byte")
"""Metrics that say how good a model's answers are: what a speed may have cost."""

ARRIVING: Final = frozenset({"single-stream", "multi-stream", "poisson", "burst", "trace"})
"""Kinds of load whose result is a latency; of the others, which keep the server busy, it is a rate."""


def headline_name(
    started: RunStarted | None,
    *,
    tokens_per_s: float | None,
    cases: bool,
    flops_per_s: float | None,
    bytes_per_s: float | None,
) -> str:
    """The metric that stands for a run. `cases`: whether it measured several things.

    Of the latter each repeat has its best case, which need not be the same one: they are held against each other by
    what the best is chosen by, for their units differ.
    """
    if started is not None and started.parameters.get("load") in ARRIVING:
        return "latency_p50_ms"
    if cases and flops_per_s:
        return "flops_per_s"
    if cases and bytes_per_s:
        return "counted_bytes_per_s"
    if tokens_per_s is not None and (started is None or not started.workload.startswith("infer/")):
        return "tokens_per_s"
    return "samples_per_s"
