"""What every summary of a run rests on: the rows that count, its windows and readings, its best case and its scores."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from msgspec.structs import replace

from app.analysis.load import Loaded
from app.analysis.machine.elsewhere import elsewhere
from app.analysis.summary.cases import best_case, case_summaries
from app.analysis.summary.headline import COUNTED, MEASURED, last_score, measure_windows
from app.analysis.summary.report import CaseSummary
from app.analysis.summary.windows import Windows
from app.session.live.tally import costed
from app.session.store.manifest import RunRecord
from workloads.wire.frames import RunStarted, Score


@dataclass(frozen=True)
class Measured:
    """Of one run."""

    steps: pl.LazyFrame
    """Its measured steps."""
    asked: pl.LazyFrame
    """The requests that were due while it was measured, however they ended."""
    requests: pl.LazyFrame
    """Those of them that were answered."""
    windows: Windows
    gauges: pl.DataFrame
    """All readings around it, but for those of accelerators that it had nothing to do with."""
    elsewhere: tuple[str, ...]
    """These."""
    cases: tuple[CaseSummary, ...]
    best: CaseSummary | None
    costs: RunStarted | None
    """Its configuration, with what a unit of its best case costs in the place of its own."""
    samples_per_s: float | None
    """Of the best case where it has cases."""
    flops_per_s: float | None
    bytes_per_s: float | None
    """Those that were counted."""
    accuracy: Score | None
    held_out_loss: Score | None
    bits_per_byte: Score | None


def measured(loaded: Loaded, record: RunRecord, link: float | None = None) -> Measured:
    """Of a run of a session that was read. `link`: the bandwidth of what its bytes move over, where it is known."""
    tables, started = loaded.tables, record.started
    steps = tables["steps"].filter(COUNTED["steps"], run=record.run)
    asked = tables["requests"].filter(MEASURED, run=record.run)
    cases = () if "steps" in loaded.lost_tables else case_summaries(record, steps, link)
    best, costs, rate = best_case(cases), started, record.headline.samples_per_s
    if best is not None:
        rate = best.units_per_s
        costs = started and replace(started, flops_per_unit=best.flops_per_unit, bytes_per_unit=best.bytes_per_unit)
    elif record.headline.case is not None:
        costs = None  # its steps cannot be read: what a unit of its best case costs is not known
    gauges = tables["gauges"].filter(run=record.run).collect()
    others = elsewhere(gauges)
    return Measured(
        steps=steps,
        asked=asked,
        requests=asked.filter(COUNTED["requests"]),
        windows=measure_windows(record.phases, record.measured_until_ns),
        gauges=gauges.filter(~pl.col("device").is_in(others)),
        elsewhere=others,
        cases=cases,
        best=best,
        costs=costs,
        samples_per_s=rate,
        flops_per_s=costed(rate, costs.flops_per_unit if costs else None),
        bytes_per_s=costed(rate, costs.bytes_per_unit if costs else None),
        accuracy=last_score(record.scores, "top1_accuracy"),
        held_out_loss=last_score(record.scores, "loss"),
        bits_per_byte=last_score(record.scores, "bits_per_byte"),
    )
