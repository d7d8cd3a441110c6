"""The summary of a run, as far as a comparison tells it.

`app.analysis.summary` reads every sample several times; of ten million of them a comparison has two seconds, so here
each is read once. Left out: latencies from send, queue, service, ranks, rooflines.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.analysis.cases import best_case, case_summaries
from app.analysis.compare.durations import Durations, durations_of
from app.analysis.gauge_summary import gauge_summaries
from app.analysis.generation import generation_of
from app.analysis.goodput import goodput_of
from app.analysis.headline import COUNTED, MEASURED, TIMED, last_score, measure_windows
from app.analysis.load import Loaded
from app.analysis.load_cautions import lag_p99_ns, load_cautions
from app.analysis.report import RunSummary
from app.analysis.run_energy import run_energy
from app.analysis.saturation import saturation_of
from app.analysis.step_parts import step_parts
from app.session.manifest import RunRecord
from app.session.slo import planned_slo
from app.session.tally import costed
from workloads.entries.load import scheduled


@dataclass(frozen=True)
class Brief:
    """One run."""

    summary: RunSummary
    durations: Durations


def brief(loaded: Loaded, record: RunRecord) -> Brief:
    """Of a run that was done."""
    started, headline = record.started, record.headline
    steps = loaded.tables["steps"].filter(COUNTED["steps"], run=record.run)
    durations = durations_of(loaded, record.run)
    of_steps = durations.times is not None and durations.times.kind == "step time"
    cases = case_summaries(record, steps)
    best = best_case(cases)
    costs = best or started
    rate = best.units_per_s if best else headline.samples_per_s
    windows = measure_windows(record.phases, record.measured_until_ns)
    gauges = loaded.tables["gauges"].filter(run=record.run).collect()
    accuracy, held_out, bits = (last_score(record.scores, name) for name in ("top1_accuracy", "loss", "bits_per_byte"))
    told = headline.tokens_per_s is not None and not of_steps
    asked = loaded.tables["requests"].filter(MEASURED, run=record.run)
    requests = asked.filter(COUNTED["requests"])
    parts, data_wait = step_parts(steps) if of_steps and not cases else (None, None)
    summary = RunSummary(
        run=record.run,
        workload=started.workload if started else "?",
        outcome=record.outcome,
        started=started,
        dropped=record.dropped,
        measured_s=headline.measured_s,
        samples=headline.samples,
        samples_per_s=rate,
        tokens_per_s=headline.tokens_per_s,
        flops_per_s=costed(rate, costs.flops_per_unit if costs else None),
        counted_bytes_per_s=costed(rate, costs.bytes_per_unit if costs else None),
        times=durations.times,
        parts=parts,
        data_wait_fraction=data_wait,
        accuracy=accuracy.value if accuracy else None,
        accuracy_samples=accuracy.samples if accuracy else None,
        held_out_loss=held_out.value if held_out else None,
        bits_per_byte=bits.value if bits else None,
        # Without a reading of power there is none, and no need to count what it would be shared by.
        energy=run_energy(loaded, headline, windows, requests, cases=bool(cases)) if len(gauges) else (),
        gauges=gauge_summaries(gauges, windows),
        generation=generation_of(asked.filter(TIMED["requests"]), started, None) if told else None,
        cases=cases,
        best_case=best.name if best else None,
        goodput=goodput_of(asked, planned_slo(loaded.manifest.plan.slo), headline.measured_s),
        cautions=load_cautions(record.run, saturation_of(asked), lag_p99_ns(asked)) if scheduled(started) else (),
    )
    return Brief(summary, durations)
