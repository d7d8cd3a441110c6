"""Every run in a few numbers, which a manifest bears for lists: computed from the session's tables."""

from __future__ import annotations

from msgspec.structs import replace

from app.analysis.summary.cases import best_case, case_summaries
from app.analysis.summary.headline import COUNTED, headlines, measured_s
from app.analysis.tables.of_frames import Tables
from app.session.store.manifest import Headline, Manifest, RunRecord


def with_headlines(manifest: Manifest, tables: Tables) -> Manifest:
    """A manifest with every run's headline, computed from the tables."""
    seconds = {record.run: measured_s(record.phases, record.measured_until_ns) for record in manifest.runs}
    found = headlines(tables, seconds, {record.run: record.scores for record in manifest.runs})
    runs = tuple(replace(record, headline=_of_best(record, found[record.run], tables)) for record in manifest.runs)
    return replace(manifest, runs=runs)


def _of_best(record: RunRecord, headline: Headline, tables: Tables) -> Headline:
    """The headline of a run with cases is that of the best one."""
    steps = tables["steps"].filter(COUNTED["steps"], run=record.run)
    best = best_case(case_summaries(record, steps))
    if best is None:
        return headline
    return replace(headline, samples_per_s=best.units_per_s, p50_ms=best.p50_ms, case=best.name)
