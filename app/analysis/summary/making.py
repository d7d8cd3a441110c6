"""What a session measured, run by run, in numbers that can be recomputed from its tables.

Everything is over the measure phases alone, and percentiles are exact: they come from every sample.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import polars as pl

from app.analysis.energy.of_run import run_energy
from app.analysis.judging.load_cautions import lag_p99_ns, load_cautions
from app.analysis.judging.machine_cautions import machine_cautions
from app.analysis.judging.searched import search_result
from app.analysis.load import Loaded
from app.analysis.machine.state import host_fingerprints, machine_state
from app.analysis.summary.clocks import clock_summaries
from app.analysis.summary.gauge_summary import clock_event_shares, gauge_summaries
from app.analysis.summary.generation import generation_of
from app.analysis.summary.goodput import goodput_of
from app.analysis.summary.headline import NS_A_MS, TIMED
from app.analysis.summary.many_steps import ManySteps, many_steps
from app.analysis.summary.measured import Measured, measured
from app.analysis.summary.overheads import overhead_report
from app.analysis.summary.report import RankSummary, RunSummary, Summary
from app.analysis.summary.rooflines import roofline_reports, rooflines_for, run_hosts
from app.analysis.summary.saturation import saturation_of
from app.analysis.summary.steadiness import Steady, steady_cautions, steady_of, steady_of_many
from app.analysis.summary.step_parts import step_parts
from app.analysis.summary.times import times_of
from app.analysis.variants.making import variant_summaries
from app.analysis.variants.tradeoffs import tradeoffs
from app.session.results.slo import planned_slo
from app.session.results.titles import titles
from app.session.roofs.links import link_limit_bytes_per_s
from app.session.roofs.roofline import roofline_for, shares
from app.session.store.manifest import Manifest, RunRecord
from workloads.entries.load import scheduled
from workloads.exec.naming import WORKLOAD
from workloads.wire.frames import DeviceFacts, Hello, RunStarted, Verdict


def summarise(loaded: Loaded) -> Summary:
    """The whole session. Reads every sample a few times; holds no more in memory than one run's durations."""
    manifest = loaded.manifest
    sampler = _sampler(manifest)
    runs = run_summaries(loaded)
    over_repeats = variant_summaries(manifest.plan, runs)
    return Summary(
        name=loaded.name,
        outcome=manifest.outcome,
        running=loaded.running,
        started_ns=manifest.started_ns,
        ended_ns=manifest.ended_ns,
        host=_host(manifest, sampler),
        via=shlex.join(manifest.plan.via),
        clocks=clock_summaries(manifest.clocks),
        idle=manifest.idle,
        overhead=overhead_report(manifest.overheads),
        platform=sampler.fingerprint.platform if sampler else None,
        cpu=sampler.fingerprint.cpu if sampler else None,
        devices=manifest.devices,
        runs=runs,
        findings=manifest.findings,
        failure=manifest.failure,
        recovery=manifest.recovery,
        absent=manifest.absent,
        rooflines=roofline_reports(manifest),
        search=search_result(manifest.plan, runs),
        variants=over_repeats,
        tradeoffs=tradeoffs(over_repeats),
        damaged=loaded.damaged,
        remade=manifest.remade,
    )


def run_summaries(loaded: Loaded) -> tuple[RunSummary, ...]:
    """Each run of the manifest by itself."""
    names = {planned.run: planned.workload for planned in loaded.manifest.plan.runs}
    called = titles(loaded.manifest.plan.runs)
    return tuple(
        _run(loaded, record, names.get(record.run, "?"), called.get(record.run, "?")) for record in loaded.manifest.runs
    )


def _primary(record: RunRecord) -> Verdict | None:
    said = record.verdicts or record.live_verdicts
    return said.verdicts[0] if said is not None and said.verdicts else None


def _sampler(manifest: Manifest) -> Hello | None:
    return next((hello for hello in manifest.hellos if hello.role == "sampler"), None)


def link_limit(started: RunStarted | None, devices: Sequence[DeviceFacts]) -> float | None:
    """Bytes a second of the link that a run's bytes move over; None where they move over none, or it is not known.

    A run's device is one of those of its name, which must then have the same link: CUDA may number them otherwise.
    """
    if started is None or started.moves_over != "host-link":
        return None
    limits = {link_limit_bytes_per_s(facts) for facts in devices if facts.name == started.device_name}
    return limits.pop() if len(limits) == 1 else None


def _host(manifest: Manifest, sampler: Hello | None) -> str:
    """Where the work was done: behind a command, not where the conductor was."""
    if manifest.plan.via and sampler is not None:
        return sampler.host
    return manifest.hellos[0].host if manifest.hellos else ""


def _run(loaded: Loaded, record: RunRecord, workload: str, title: str) -> RunSummary:
    headline, started = record.headline, record.started
    host = run_hosts(loaded.manifest.hellos).get(record.run, "")
    roofline = roofline_for(rooflines_for(loaded.manifest, record), started.device_name, host) if started else None
    link = link_limit(started, loaded.manifest.devices)
    of = measured(loaded, record, link)
    saturation = saturation_of(of.asked) if scheduled(started) else None
    timed = of.asked.filter(TIMED["requests"])
    late = pl.col("sent_ns") - pl.col("scheduled_ns")
    lag = times_of("generator lag", of.asked, late) if scheduled(started) else None
    slo = planned_slo(loaded.manifest.plan.slo)
    share = shares(of.costs, of.samples_per_s, roofline, loaded.manifest.plan.hosts)
    # Steps of different cases are of different lengths.
    many = None if of.cases else many_steps(loaded, record, of.steps)
    steady = None if of.cases else _steady(of, many)
    parts, data_wait = step_parts(of.steps) if many is None else (many.parts, many.data_wait)
    state = machine_state(of.gauges, of.windows, loaded.manifest.absent, host_fingerprints(loaded.manifest.hellos))
    return RunSummary(
        run=record.run,
        workload=workload,
        title=title,
        reason=record.reason,
        outcome=loaded.state_of(record),
        started=started,
        failure=record.failure,
        dropped=record.dropped,
        measured_s=headline.measured_s,
        samples=headline.samples,
        samples_per_s=of.samples_per_s,
        tokens_per_s=headline.tokens_per_s,
        flops_per_s=of.flops_per_s,
        mfu=share.mfu,
        counted_bytes_per_s=of.bytes_per_s,
        times=(many.times if many else times_of("step time", of.steps, pl.col("wall_ns")))
        or times_of("latency", timed, pl.col("latency_from_schedule_ns")),
        times_from_send=times_of("latency from send", of.requests, pl.col("latency_from_send_ns")),
        queue=times_of("queue time", of.requests, pl.col("queue_ns")),
        service=times_of("service time", of.requests, pl.col("service_ns")),
        lag=lag,
        parts=parts,
        data_wait_fraction=data_wait,
        loss=many.loss if many else _loss(of.steps),
        failed_requests=_with_outcome(of.asked, "failed"),
        unserved_requests=_with_outcome(of.asked, "unserved"),
        accuracy=of.accuracy.value if of.accuracy else None,
        accuracy_samples=of.accuracy.samples if of.accuracy else None,
        held_out_loss=of.held_out_loss.value if of.held_out_loss else None,
        held_out_loss_samples=of.held_out_loss.samples if of.held_out_loss else None,
        energy=run_energy(loaded, headline, of.windows, of.requests, of.elsewhere),
        gauges=gauge_summaries(of.gauges, of.windows),
        clock_events=clock_event_shares(of.gauges, of.windows),
        hfu=share.hfu,
        mfu_measured=share.mfu_measured,
        bandwidth_fraction=share.bandwidth_fraction,
        measured_by=roofline.session if roofline else None,
        bits_per_byte=of.bits_per_byte.value if of.bits_per_byte else None,
        bits_per_byte_samples=of.bits_per_byte.samples if of.bits_per_byte else None,
        generation=generation_of(
            of.asked.filter(TIMED["requests"]), started, roofline.bytes_per_s if roofline else None
        ),
        cases=of.cases,
        best_case=of.best.name if of.best else None,
        limit_bytes_per_s=link,
        # Means and sums over steps of different cases would say nothing of a rank.
        ranks=_ranks(of.steps, headline.measured_s) if started and started.ranks > 1 and not of.cases else (),
        state=state,
        goodput=goodput_of(of.asked, slo, headline.measured_s),
        saturation=saturation,
        cautions=(
            *load_cautions(record.run, saturation, lag_p99_ns(of.asked) if scheduled(started) else None),
            *steady_cautions(record.run, steady, own=started is None or started.workload != WORKLOAD),
            *machine_cautions(record.run, started, state),
        ),
        steady=steady,
        primary=_primary(record),
        exit_status=record.exit_status,
        elsewhere=of.elsewhere,
    )


def _steady(of: Measured, many: ManySteps | None) -> Steady | None:
    if many is None or many.medians is None:
        return steady_of(of.steps, of.windows)
    return steady_of_many(of.steps, of.windows, many.medians)


def _loss(steps: pl.LazyFrame) -> float | None:
    """Of the last measured step; the mean over ranks."""
    losses = steps.group_by("rank").agg(pl.col("loss").drop_nulls().last())
    loss: float | None = losses.select(pl.col("loss").mean()).collect(engine="streaming").item()
    return loss


def _ranks(steps: pl.LazyFrame, seconds: float) -> tuple[RankSummary, ...]:
    """What each rank did, in order."""
    means = [(pl.col(f"{part}_ns").mean() / NS_A_MS).alias(f"{part}_ms") for part in ("comm", "data_wait")]
    table = (
        steps.group_by("rank")
        .agg(pl.col("samples").sum(), (pl.col("wall_ns").mean() / NS_A_MS).alias("step_ms"), *means)
        .with_columns(own_ms=pl.col("step_ms") - pl.col("comm_ms"))
        .sort("rank")
        .collect(engine="streaming")
    )
    rows = table.with_columns(samples_per_s=pl.col("samples") / seconds if seconds else None).drop("samples")
    return tuple(RankSummary(**row) for row in rows.iter_rows(named=True))


def _with_outcome(requests: pl.LazyFrame, outcome: str) -> int | None:
    """How many requests ended like that; None where there were none at all."""
    counts = requests.select(pl.len(), those=(pl.col("outcome") == outcome).sum()).collect(engine="streaming").row(0)
    return int(counts[1]) if counts[0] else None
