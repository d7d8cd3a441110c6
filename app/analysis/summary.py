"""What a session measured, run by run, in numbers that can be recomputed from its tables.

Everything is over the measure phases alone, and percentiles are exact: they come from every sample.
"""

from __future__ import annotations

from typing import TypedDict

import polars as pl

from app.analysis.energy import energy_of
from app.analysis.gauge_summary import clock_event_shares, gauge_summaries
from app.analysis.headline import COUNTED, MEASURED, NS_A_MS, last_score, measure_windows
from app.analysis.load import Loaded
from app.analysis.report import RunSummary, StepParts, Summary, Times
from app.analysis.rooflines import roofline_reports, rooflines_for, run_hosts
from app.session.manifest import RunRecord
from app.session.roofline import roofline_for, shares
from app.session.view import RunState

PARTS = ("data_wait", "h2d", "forward", "backward", "optimizer", "device", "comm")
SHARES = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99, "p99_9_ms": 0.999}


def summarise(loaded: Loaded) -> Summary:
    """The whole session. Reads every sample a few times; holds no more in memory than one run's durations."""
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
        absent=manifest.absent,
        rooflines=roofline_reports(manifest),
    )


def _run(loaded: Loaded, record: RunRecord, workload: str) -> RunSummary:
    headline, started = record.headline, record.started
    rate = headline.samples_per_s
    flops = _product(rate, started.flops_per_unit if started else None)
    host = run_hosts(loaded.manifest.hellos).get(record.run, "")
    roofline = roofline_for(rooflines_for(loaded.manifest, record), started.device_name, host) if started else None
    share = shares(started, rate, roofline)
    steps = loaded.tables["steps"].filter(COUNTED["steps"], run=record.run)
    asked = loaded.tables["requests"].filter(MEASURED, run=record.run)
    requests = asked.filter(COUNTED["requests"])
    windows = measure_windows(record.phases, record.measured_until_ns)
    gauges = loaded.tables["gauges"].filter(run=record.run).collect()
    accuracy, held_out = last_score(record.scores, "top1_accuracy"), last_score(record.scores, "loss")
    return RunSummary(
        run=record.run,
        workload=workload,
        outcome=_state(loaded, record),
        started=started,
        failure=record.failure,
        dropped=record.dropped,
        measured_s=headline.measured_s,
        samples=headline.samples,
        samples_per_s=rate,
        tokens_per_s=headline.tokens_per_s,
        flops_per_s=flops,
        mfu=share.mfu,
        counted_bytes_per_s=_product(rate, started.bytes_per_unit if started else None),
        times=_times("step time", steps, "wall_ns") or _times("latency", requests, "latency_from_schedule_ns"),
        times_from_send=_times("latency from send", requests, "latency_from_send_ns"),
        **_step_means(steps),
        failed_requests=_failed(asked),
        accuracy=accuracy.value if accuracy else None,
        accuracy_samples=accuracy.samples if accuracy else None,
        held_out_loss=held_out.value if held_out else None,
        held_out_loss_samples=held_out.samples if held_out else None,
        energy=energy_of(gauges, windows, headline.samples),
        gauges=gauge_summaries(gauges, windows),
        clock_events=clock_event_shares(gauges, windows),
        hfu=share.hfu,
        mfu_measured=share.mfu_measured,
        bandwidth_fraction=share.bandwidth_fraction,
        measured_by=roofline.session if roofline else None,
    )


def _state(loaded: Loaded, record: RunRecord) -> RunState:
    if record.run not in loaded.going_on:
        return record.outcome
    return "planned" if record.outcome == "skipped" else "running"


def _times(kind: str, rows: pl.LazyFrame, column: str) -> Times | None:
    nanoseconds = rows.select(column).collect(engine="streaming").to_series()
    if not len(nanoseconds):
        return None
    in_order = nanoseconds.sort()
    quantiles = {name: _number(in_order.quantile(share, "linear")) / NS_A_MS for name, share in SHARES.items()}
    return Times(
        kind=kind,
        count=len(in_order),
        mean_ms=_number(in_order.mean()) / NS_A_MS,
        max_ms=_number(in_order.max()) / NS_A_MS,
        **quantiles,
    )


class _StepMeans(TypedDict):
    parts: StepParts | None
    data_wait_fraction: float | None
    loss: float | None


def _step_means(steps: pl.LazyFrame) -> _StepMeans:
    """What is the mean of, or the last of, a column of steps."""
    waited = pl.col("data_wait_ns").is_not_null()
    means = [(pl.col(f"{part}_ns").mean() / NS_A_MS).alias(f"{part}_ms") for part in PARTS]
    row = (
        steps.select(
            *means,
            waited=pl.col("data_wait_ns").sum(),
            wall=pl.col("wall_ns").filter(waited).sum(),
            loss=pl.col("loss").drop_nulls().last(),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    parts = {name: value for part in PARTS if (value := row[name := f"{part}_ms"]) is not None}
    return {
        "parts": StepParts(**parts) if parts else None,
        "data_wait_fraction": row["waited"] / row["wall"] if row["wall"] else None,
        "loss": row["loss"],
    }


def _failed(requests: pl.LazyFrame) -> int | None:
    """How many requests failed; None where there were none at all."""
    counts = requests.select(pl.len(), failed=(pl.col("outcome") == "failed").sum()).collect(engine="streaming").row(0)
    return int(counts[1]) if counts[0] else None


def _product(rate: float | None, each: float | None) -> float | None:
    return None if rate is None or each is None else rate * each


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
