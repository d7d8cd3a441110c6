"""The variants of a session that measured something several times: what the repeats of each say together.

A value is of one run, and an interval is over runs: steps of a run hang together, and are never pooled.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.analysis.judging.machine_cautions import shared_cautions
from app.analysis.machine.differences import state_cautions
from app.analysis.statistics.cautions import cautions_of
from app.analysis.statistics.intervals import mean_interval, median_interval
from app.analysis.summary.metrics import METRICS, Metric, headline_metric
from app.analysis.summary.report import RunSummary
from app.analysis.variants.report import MetricInterval, Repeat, VariantSummary
from app.session.planning.plan import Plan, PlannedRun
from app.session.results.caution import Caution
from app.session.results.interval import Interval
from app.session.results.titles import differing, variant_titles
from app.text.units import units_of
from workloads.wire.frames import Value


def variant_summaries(
    plan: Plan, runs: Sequence[RunSummary], *, every_metric: bool = True
) -> tuple[VariantSummary, ...]:
    """In the order of their numbers; none where nothing was repeated or swept.

    `every_metric`: whether to tell more than the headline, which costs a bootstrap each.
    """
    if not is_repeated(plan):
        return ()
    names, parameters = variant_titles(plan.runs), differing(plan.runs)
    by_number = {run.run: run for run in runs}
    return tuple(
        _variant(
            [planned for planned in plan.runs if planned.variant == variant],
            by_number,
            names[variant],
            parameters,
            plan.until,
            every_metric=every_metric,
        )
        for variant in sorted(names)
    )


def is_repeated(plan: Plan) -> bool:
    """Whether any variant was measured several times, or any workload in several variants."""
    variants = {run.variant: run.workload for run in plan.runs if run.variant}
    return any(run.variant and run.repeat > 1 for run in plan.runs) or len(set(variants.values())) < len(variants)


def _variant(
    planned: Sequence[PlannedRun],
    runs: dict[int, RunSummary],
    title: str,
    parameters: dict[int, dict[str, Value]],
    sought: float | None,
    *,
    every_metric: bool,
) -> VariantSummary:
    first = planned[0]
    found = [runs[each.run] for each in planned if each.run in runs]
    done = [run for run in found if run.outcome == "done"]
    metric = headline_metric(done[0]) if done else METRICS[0]
    values = {run.run: metric.read(run) for run in done}
    numbers = {each.run: each.repeat for each in planned}
    known = [value for value in values.values() if value is not None]
    mean = mean_interval(known) if known else None
    return VariantSummary(
        variant=first.variant,
        title=title,
        workload=first.workload,
        parameters=parameters[first.run],
        planned=len(planned),
        done=len(done),
        metric=metric.name,
        label=metric.label,
        unit=_unit(metric, done),
        repeats=tuple(
            Repeat(run=each.run, repeat=each.repeat, outcome=runs[each.run].outcome, value=values.get(each.run))
            for each in planned
            if each.run in runs
        ),
        mean=mean,
        median=median_interval(known) if known and every_metric else None,
        metrics=tuple(_intervals(done)) if every_metric else (),
        cautions=(
            *_cautions(planned, values, metric, mean, sought),
            *state_cautions(done, numbers, metric, first.variant),
            *shared_cautions([(numbers[run.run], run.cautions) for run in done], first.variant),
        )
        if len(planned) > 1
        else (),
    )


def _cautions(
    planned: Sequence[PlannedRun],
    values: dict[int, float | None],
    metric: Metric,
    mean: Interval | None,
    sought: float | None,
) -> tuple[Caution, ...]:
    """Of the repeats of one variant. Few of them are enough where they came to what was sought."""
    found = cautions_of(
        [values.get(each.run) for each in planned],
        label=metric.label,
        interval=mean,
        sought=sought,
        variant=planned[0].variant,
    )
    reached = sought is not None and mean is not None and mean.half_width is not None and mean.half_width <= sought
    return tuple(caution for caution in found if not (reached and caution.kind == "too-few-repeats"))


def _intervals(runs: Sequence[RunSummary]) -> list[MetricInterval]:
    return [
        MetricInterval(name=metric.name, label=metric.label, unit=_unit(metric, runs), mean=mean_interval(known))
        for metric in METRICS
        if (known := _values(metric, runs))
    ]


def _values(metric: Metric, runs: Sequence[RunSummary]) -> list[float]:
    """Of every run; none where one of them did not measure it."""
    values = [value for run in runs if (value := metric.read(run)) is not None]
    return values if len(values) == len(runs) else []


def _unit(metric: Metric, runs: Sequence[RunSummary]) -> str:
    """As its work is counted: requests a second are no samples a second."""
    return f"{units_of(runs[0].started)}/s" if metric.name == "samples_per_s" and runs else metric.unit
