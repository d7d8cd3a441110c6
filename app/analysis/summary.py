"""What a session measured, run by run, in numbers that can be recomputed from its tables.

Everything is over the measure phases alone, and percentiles are exact: they come from every sample.
"""

from __future__ import annotations

from typing import TypedDict

import polars as pl

from app.analysis.energy import energy_of
from app.analysis.gauge_summary import clock_event_shares, gauge_summaries
from app.analysis.generation import generation_of
from app.analysis.headline import COUNTED, MEASURED, NS_A_MS, last_score, measure_windows
from app.analysis.load import Loaded
from app.analysis.report import RunSummary, StepParts, Summary
from app.analysis.rooflines import roofline_reports, rooflines_for, run_hosts
from app.analysis.times import times_of
from app.session.manifest import RunRecord
from app.session.roofline import roofline_for, shares
from app.session.view import RunState

SCORES = ("top1_accuracy", "loss", "bits_per_byte")
PARTS = ("data_wait", "h2d", "forward", "backward", "optimizer", "device", "comm")


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
    accuracy, held_out, bits = (last_score(record.scores, metric) for metric in SCORES)
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
        times=times_of("step time", steps, pl.col("wall_ns"))
        or times_of("latency", requests, pl.col("latency_from_schedule_ns")),
        times_from_send=times_of("latency from send", requests, pl.col("latency_from_send_ns")),
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
        bits_per_byte=bits.value if bits else None,
        bits_per_byte_samples=bits.samples if bits else None,
        generation=generation_of(requests, started, roofline.bytes_per_s if roofline else None),
    )


def _state(loaded: Loaded, record: RunRecord) -> RunState:
    if record.run not in loaded.going_on:
        return record.outcome
    return "planned" if record.outcome == "skipped" else "running"


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
