"""The cases of a run that measured several things one after the other, each over its own measure phases."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from app.analysis.summary.headline import NS_A_MS, NS_A_S, ended_phases
from app.analysis.summary.report import CaseSummary
from app.session.live.tally import costed
from app.session.results.merit import merit
from app.session.store.manifest import RunRecord
from workloads.wire.frames import Phase


def case_summaries(
    record: RunRecord, steps: pl.LazyFrame, limit_bytes_per_s: float | None = None
) -> tuple[CaseSummary, ...]:
    """In the order in which they were measured; none for a run without cases.

    `steps`: those of the run's measure phases. `limit_bytes_per_s`: of what its bytes move over, where it is known.
    """
    windows = [
        (phase, end - phase.at_ns)
        for phase, end in ended_phases(record.phases, record.measured_until_ns)
        if phase.phase == "measure" and phase.case is not None
    ]
    if not windows:
        return ()
    rows = steps.select("rank", "samples", "wall_ns", end_ns=pl.col("start_ns") + pl.col("wall_ns")).collect(
        engine="streaming"
    )
    begins = pl.Series([phase.at_ns for phase, _ in windows], dtype=pl.Int64)
    place = pl.Series("place", begins.search_sorted(rows["end_ns"], side="right"), dtype=pl.Int64) - 1
    rows = rows.with_columns(place)
    started = record.started
    # All ranks together are held against as many devices.
    limit = started.limit_flops_per_s * max(1, started.ranks) if started and started.limit_flops_per_s else None
    found = []
    for name in dict.fromkeys(phase.case for phase, _ in windows):
        mine = [number for number, (phase, _) in enumerate(windows) if phase.case == name]
        seconds = sum(windows[number][1] for number in mine) / NS_A_S
        inside = rows.filter(pl.col("place").is_in(mine))
        found.append(_summary(windows[mine[0]][0], inside, seconds, limit, limit_bytes_per_s))
    return tuple(found)


def best_case(cases: Sequence[CaseSummary]) -> CaseSummary | None:
    """The one that stands for the run; the first of equals."""
    return max(cases, key=lambda case: merit(case.units_per_s, case.flops_per_unit, case.bytes_per_unit), default=None)


def _summary(
    phase: Phase, rows: pl.DataFrame, seconds: float, limit_flops: float | None, limit_bytes: float | None
) -> CaseSummary:
    assert phase.case is not None
    units = int(rows["samples"].sum())
    per_s = units / seconds if seconds and units else None
    flops, moved = costed(per_s, phase.flops_per_unit), costed(per_s, phase.bytes_per_unit)
    p50 = rows["wall_ns"].quantile(0.5, "linear")
    return CaseSummary(
        name=phase.case,
        count=int((rows["rank"] == 0).sum()),
        measured_s=seconds,
        units=units,
        units_per_s=per_s,
        flops_per_unit=phase.flops_per_unit,
        bytes_per_unit=phase.bytes_per_unit,
        flops_per_s=flops,
        bytes_per_s=moved,
        mfu=flops / limit_flops if flops is not None and limit_flops else None,
        bytes_of_limit=moved / limit_bytes if moved is not None and limit_bytes else None,
        p50_ms=None if p50 is None else p50 / NS_A_MS,
    )
