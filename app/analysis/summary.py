"""What a session measured, run by run, in numbers that can be recomputed from its tables.

Everything is over the measure phases alone, and percentiles are exact: they come from every sample.
"""

from __future__ import annotations

import msgspec
import polars as pl

from app.analysis.energy import Energy, energy_of
from app.analysis.gauge_summary import GaugeSummary, gauge_summaries
from app.analysis.headline import MEASURED, NS_A_MS, last_accuracy, measure_windows
from app.analysis.load import Loaded
from app.session.manifest import Recovery, RunRecord
from workloads.wire.frames import DeviceFacts, Failure, Finding, Outcome, RunStarted

PARTS = ("data_wait", "h2d", "forward", "backward", "optimizer", "device")
SHARES = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99, "p99_9_ms": 0.999}


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Step time, or latency of requests from when they were due, in milliseconds; quantiles interpolate linearly."""

    kind: str
    """`step time` or `latency`."""
    count: int
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    p99_9_ms: float
    max_ms: float


class StepParts(msgspec.Struct, frozen=True, kw_only=True):
    """Mean milliseconds a step. None: this workload has no such part, or it was not measured."""

    data_wait_ms: float | None = None
    h2d_ms: float | None = None
    forward_ms: float | None = None
    backward_ms: float | None = None
    optimizer_ms: float | None = None
    device_ms: float | None = None


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    run: int
    workload: str
    outcome: Outcome
    started: RunStarted | None = None
    """The whole configuration."""
    failure: Failure | None = None
    dropped: int = 0
    """Samples that are missing because they came faster than they could be sent."""
    measured_s: float = 0.0
    samples: int = 0
    """Units of work."""
    samples_per_s: float | None = None
    """samples ÷ measured_s."""
    tokens_per_s: float | None = None
    flops_per_s: float | None = None
    """samples_per_s × the FLOPs of a unit."""
    mfu: float | None = None
    """A fraction: flops_per_s ÷ the device's published dense peak; None where none is published."""
    counted_bytes_per_s: float | None = None
    """samples_per_s × the bytes of a unit."""
    times: Times | None = None
    parts: StepParts | None = None
    data_wait_fraction: float | None = None
    """Sum of data wait ÷ sum of step time."""
    failed_requests: int | None = None
    loss: float | None = None
    """Of the last step."""
    accuracy: float | None = None
    """Last held-out top-1, a fraction."""
    accuracy_samples: int | None = None
    energy: Energy | None = None
    gauges: tuple[GaugeSummary, ...] = ()


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One session."""

    name: str
    outcome: Outcome
    running: bool = False
    started_ns: int
    """Wall time, nanoseconds since 1970, UTC."""
    ended_ns: int
    host: str = ""
    platform: str | None = None
    cpu: str | None = None
    devices: tuple[DeviceFacts, ...] = ()
    runs: tuple[RunSummary, ...] = ()
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    recovery: Recovery | None = None


def summarise(loaded: Loaded) -> Summary:
    """The whole session. Reads every sample once or twice; takes no more memory than one run's durations."""
    manifest = loaded.manifest
    sampler = next((hello for hello in manifest.hellos if hello.role == "sampler"), None)
    names = {planned.run: planned.workload for planned in manifest.plan.runs}
    return Summary(
        name=loaded.name,
        outcome=manifest.outcome,
        running=loaded.running,
        started_ns=manifest.started_ns,
        ended_ns=manifest.ended_ns,
        host=manifest.hellos[0].host if manifest.hellos else "",
        platform=sampler.fingerprint.platform if sampler else None,
        cpu=sampler.fingerprint.cpu if sampler else None,
        devices=sampler.fingerprint.devices if sampler else (),
        runs=tuple(_run(loaded, record, names.get(record.run, "?")) for record in manifest.runs),
        findings=manifest.findings,
        failure=manifest.failure,
        recovery=manifest.recovery,
    )


def _run(loaded: Loaded, record: RunRecord, workload: str) -> RunSummary:
    headline, started = record.headline, record.started
    rate = headline.samples_per_s
    flops = _product(rate, started.flops_per_unit if started else None)
    limit = started.limit_flops_per_s if started else None
    steps, requests = (
        loaded.tables[name].filter(MEASURED, run=record.run).collect(engine="streaming")
        for name in ("steps", "requests")
    )
    windows = measure_windows(record.phases, record.measured_until_ns)
    gauges = loaded.tables["gauges"].filter(run=record.run).collect()
    score = last_accuracy(record.scores)
    return RunSummary(
        run=record.run,
        workload=workload,
        outcome=record.outcome,
        started=started,
        failure=record.failure,
        dropped=record.dropped,
        measured_s=headline.measured_s,
        samples=headline.samples,
        samples_per_s=rate,
        tokens_per_s=headline.tokens_per_s,
        flops_per_s=flops,
        mfu=flops / limit if flops is not None and limit else None,
        counted_bytes_per_s=_product(rate, started.bytes_per_unit if started else None),
        times=_times("step time", steps["wall_ns"]) or _times("latency", requests["latency_from_schedule_ns"]),
        parts=_parts(steps),
        data_wait_fraction=_data_wait(steps),
        failed_requests=int((requests["outcome"] == "failed").sum()) if len(requests) else None,
        loss=_last(steps["loss"]),
        accuracy=score.value if score else None,
        accuracy_samples=score.samples if score else None,
        energy=energy_of(gauges, windows, headline.samples),
        gauges=gauge_summaries(gauges, windows),
    )


def _times(kind: str, nanoseconds: pl.Series) -> Times | None:
    if not len(nanoseconds):
        return None
    in_order = nanoseconds.sort().cast(pl.Float64) / NS_A_MS
    quantiles = {name: _number(in_order.quantile(share, "linear")) for name, share in SHARES.items()}
    return Times(
        kind=kind,
        count=len(in_order),
        mean_ms=_number(in_order.mean()),
        max_ms=_number(in_order.max()),
        **quantiles,
    )


def _parts(steps: pl.DataFrame) -> StepParts | None:
    means = {f"{part}_ms": steps[f"{part}_ns"].mean() for part in PARTS}
    found = {name: _number(mean) / NS_A_MS for name, mean in means.items() if mean is not None}
    return StepParts(**found) if found else None


def _data_wait(steps: pl.DataFrame) -> float | None:
    timed = steps.filter(pl.col("data_wait_ns").is_not_null())
    wall = _number(timed["wall_ns"].sum())
    return _number(timed["data_wait_ns"].sum()) / wall if wall else None


def _last(series: pl.Series) -> float | None:
    known = series.drop_nulls()
    return _number(known[-1]) if len(known) else None


def _product(rate: float | None, each: float | None) -> float | None:
    return None if rate is None or each is None else rate * each


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
