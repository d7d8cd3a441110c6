"""The gauges of two runs side by side: means over the measure phases, and their course by time and by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import polars as pl

from app.analysis.compare.groups import Group
from app.analysis.load import Loaded
from app.analysis.summary.gauge_summary import COUNTERS
from app.analysis.summary.headline import COUNTED, NS_A_S, measure_windows
from app.analysis.summary.report import RunSummary
from app.analysis.summary.windows import measured_until
from app.analysis.tables.schema import SAMPLE_END
from app.session.results.comparison import Curve, GaugeComparison
from app.session.store.manifest import RunRecord

POINTS: Final = 60
"""Of a curve."""
ENDS: Final = 4096
"""Ends of steps that are looked at to know which step an instant is of; more say nothing more on so few points."""
STILL: Final = frozenset({"memory_total_bytes", "power_limit_w"}) | COUNTERS
"""Not worth a curve, nor a row."""


class _Course(NamedTuple):
    """The readings of one run, each with the measured seconds and the steps before it."""

    readings: pl.DataFrame
    seconds: float
    steps: float


def gauge_comparisons(
    base: Group, other: Group, summaries: tuple[Sequence[RunSummary], Sequence[RunSummary]]
) -> tuple[GaugeComparison, ...]:
    """Every gauge that either has; curves are those of the first run of each."""
    means = [_means(runs) for runs in summaries]
    courses = [_course(group.of.loaded, group.records[0]) for group in (base, other)]
    return tuple(
        GaugeComparison(
            device=device,
            name=name,
            base=means[0].get((device, name)),
            other=means[1].get((device, name)),
            by_time=_curve(courses, device, name, "seconds"),
            by_step=_curve(courses, device, name, "steps"),
        )
        for device, name in dict.fromkeys((*means[0], *means[1]))
    )


def _means(runs: Sequence[RunSummary]) -> Mapping[tuple[str, str], float]:
    """(device, gauge) → the mean over runs, of the first source that gives it."""
    found: dict[tuple[str, str], list[float]] = {}
    for run in runs:
        of_run: dict[tuple[str, str], float] = {}
        for gauge in run.gauges:
            if gauge.name not in STILL:
                of_run.setdefault((gauge.device, gauge.name), gauge.mean)
        for key, mean in of_run.items():
            found.setdefault(key, []).append(mean)
    return {key: sum(means) / len(means) for key, means in found.items()}


def _course(loaded: Loaded, record: RunRecord) -> _Course | None:
    windows = measure_windows(record.phases, record.measured_until_ns)
    gauges = loaded.tables["gauges"].filter(run=record.run).collect()
    if not windows or not len(gauges):
        return None
    inside = pl.any_horizontal([pl.col("at_ns").is_between(begin, end) for begin, end in windows])
    readings = gauges.filter(inside)
    ends, apart = _ends(loaded, record.run)
    return _Course(
        readings.with_columns(
            measured_until(windows, readings["at_ns"]).alias("seconds") / NS_A_S,
            pl.Series("steps", ends.search_sorted(readings["at_ns"]), dtype=pl.Float64) * apart,
        ),
        sum(end - begin for begin, end in windows) / NS_A_S,
        float(len(ends) * apart),
    )


def _ends(loaded: Loaded, run: int) -> tuple[pl.Series, int]:
    """Ends of every so many measured steps or requests, in order, and how many there are from one to the next."""
    for table, end in SAMPLE_END.items():
        rows = loaded.tables[table].filter(COUNTED[table], run=run)
        count = rows.select(pl.len()).collect(engine="streaming").item()
        if count:
            apart = max(1, count // ENDS)
            ends = rows.select(end.alias("end")).gather_every(apart).collect(engine="streaming").to_series()
            return ends.sort(), apart
    return pl.Series(dtype=pl.Int64), 1


def _curve(courses: Sequence[_Course | None], device: str, name: str, axis: str) -> Curve | None:
    known = [course for course in courses if course is not None]
    span = max((getattr(course, axis) for course in known), default=0.0)
    if not span:
        return None
    base, other = (_points(course, device, name, axis, span) for course in courses)
    return Curve(span=span, base=base, other=other)


def _points(course: _Course | None, device: str, name: str, axis: str, span: float) -> tuple[float | None, ...]:
    """The mean of the readings in each of equal parts of the axis."""
    points: list[float | None] = [None] * POINTS
    if course is None:
        return tuple(points)
    rows = course.readings.filter(pl.col("device") == device).drop_nulls(name)
    place = (pl.col(axis) / span * POINTS).floor().cast(pl.Int64).clip(0, POINTS - 1).alias("place")
    for number, mean in rows.group_by(place).agg(pl.col(name).mean()).iter_rows():
        points[number] = mean
    return tuple(points)
