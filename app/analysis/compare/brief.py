"""The summary of a run, as far as a comparison tells it.

`app.analysis.summary.making` reads every sample several times; of ten million of them a comparison has two seconds, so
here each is read once. Left out: latencies from send, queue, service, ranks, rooflines.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.analysis.compare.durations import Durations, durations_of
from app.analysis.energy.of_run import run_energy
from app.analysis.judging.load_cautions import lag_p99_ns, load_cautions
from app.analysis.load import Loaded
from app.analysis.summary.gauge_summary import gauge_summaries
from app.analysis.summary.generation import generation_of
from app.analysis.summary.goodput import goodput_of
from app.analysis.summary.headline import TIMED
from app.analysis.summary.measured import measured
from app.analysis.summary.report import RunSummary
from app.analysis.summary.saturation import saturation_of
from app.analysis.summary.step_parts import step_parts
from app.session.results.slo import planned_slo
from app.session.store.manifest import RunRecord
from workloads.entries.load import scheduled


@dataclass(frozen=True)
class Brief:
    """One run."""

    summary: RunSummary
    durations: Durations


def brief(loaded: Loaded, record: RunRecord) -> Brief:
    """Of a run that was done."""
    started, headline = record.started, record.headline
    durations, of = durations_of(loaded, record.run), measured(loaded, record)
    of_steps = durations.times is not None and durations.times.kind == "step time"
    told = headline.tokens_per_s is not None and not of_steps
    parts, data_wait = step_parts(of.steps) if of_steps and not of.cases else (None, None)
    summary = RunSummary(
        run=record.run,
        workload=started.workload if started else "?",
        outcome=record.outcome,
        started=started,
        dropped=record.dropped,
        measured_s=headline.measured_s,
        samples=headline.samples,
        samples_per_s=of.samples_per_s,
        tokens_per_s=headline.tokens_per_s,
        flops_per_s=of.flops_per_s,
        counted_bytes_per_s=of.bytes_per_s,
        times=durations.times,
        parts=parts,
        data_wait_fraction=data_wait,
        accuracy=of.accuracy.value if of.accuracy else None,
        accuracy_samples=of.accuracy.samples if of.accuracy else None,
        held_out_loss=of.held_out_loss.value if of.held_out_loss else None,
        bits_per_byte=of.bits_per_byte.value if of.bits_per_byte else None,
        # Without a reading of power there is none, and no need to count what it would be shared by.
        energy=run_energy(loaded, headline, of.windows, of.requests, of.elsewhere) if len(of.gauges) else (),
        gauges=gauge_summaries(of.gauges, of.windows),
        generation=generation_of(of.asked.filter(TIMED["requests"]), started, None) if told else None,
        cases=of.cases,
        best_case=of.best.name if of.best else None,
        goodput=goodput_of(of.asked, planned_slo(loaded.manifest.plan.slo), headline.measured_s),
        cautions=load_cautions(record.run, saturation_of(of.asked), lag_p99_ns(of.asked)) if scheduled(started) else (),
    )
    return Brief(summary, durations)
