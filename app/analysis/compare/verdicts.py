"""The verdict about one metric, by the interval of its ratio.

- `better` or `worse`: the interval excludes 1.
- `same`: it holds 1, and lies inside of 1 ± `within` (1 % unless said otherwise): no difference that matters is left.
- `cannot tell`: neither. The interval is too wide, or there is none, for fewer than three runs of a side have none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace

from app.analysis.statistics.intervals import LEAST, ratio_interval
from app.analysis.summary.metrics import METRICS, Metric, headline_metric
from app.analysis.summary.report import RunSummary
from app.session.results.comparison import MetricComparison, Verdict
from app.session.results.interval import Interval
from app.text.numbers import percent

REDUNDANT: Final = frozenset({"flops_per_s", "counted_bytes_per_s", "mfu"})
"""They go with the throughput. But of runs with cases, whose units differ, one of them stands for the run."""


CASE_RATES: Final = ("flops_per_s", "bytes_per_s")
"""What a case is told by, where it has it; else by its units a second."""

Z: Final = 1.959964
"""Of 95 %."""


def verdict_of(ratio: Interval, *, higher_is_better: bool, within: float) -> Verdict:
    """By the rules above."""
    if ratio.low is None or ratio.high is None:
        return "cannot tell"
    if ratio.low > 1 or ratio.high < 1:
        return "better" if (ratio.low > 1) == higher_is_better else "worse"
    if ratio.low >= 1 - within and ratio.high <= 1 + within:
        return "same"
    return "cannot tell"


def metric_comparisons(
    base: Sequence[RunSummary], other: Sequence[RunSummary], *, paired: bool, within: float
) -> tuple[MetricComparison, ...]:
    """Every metric that all runs of both have. `paired`: runs at one place were measured in one round."""
    headline = headline_metric(base[0]).name
    samples = tuple(min(run.accuracy_samples or 0 for run in runs) for runs in (base, other))
    objectives = {run.goodput.slo for run in (*base, *other) if run.goodput is not None}
    found = []
    for metric in METRICS:
        if metric.name in REDUNDANT and metric.name != headline:
            continue
        if metric.name == "good_per_s" and len(objectives) > 1:
            continue  # other requests are good
        values = [_values(metric, runs) for runs in (base, other)]
        if all(values):
            found.append(_comparison(metric, values[0], values[1], samples, paired=paired, within=within))
    found.sort(key=lambda metric: metric.name != headline)
    cases = _of_cases(base, other)
    return (*found, *(_comparison(*case, (0, 0), paired=paired, within=within) for case in cases))


def _of_cases(
    base: Sequence[RunSummary], other: Sequence[RunSummary]
) -> Iterator[tuple[Metric, tuple[float, ...], tuple[float, ...]]]:
    """Of runs that measured several things: the rate of each that all of them measured, by its name."""
    runs = (*base, *other)
    for case in base[0].cases:
        name = next((name for name in CASE_RATES if getattr(case, name) is not None), "units_per_s")
        metric = Metric(f"case_{name}", case.name, "", "higher", partial(_rate_of_case, case.name, name))
        values = [metric.read(run) for run in runs]
        known = tuple(value for value in values if value is not None)
        if len(known) == len(runs):
            yield metric, known[: len(base)], known[len(base) :]


def _rate_of_case(case: str, name: str, run: RunSummary) -> float | None:
    rate = next((getattr(each, name) for each in run.cases if each.name == case), None)
    return None if rate is None else float(rate)


def with_sampling_error(ratio: Interval, base: tuple[float, int], other: tuple[float, int]) -> Interval:
    """The interval of a ratio of accuracies, at least as wide as the number of held-out samples makes it.

    Repeats of one seed come to the same accuracy, which says nothing of other samples. A side is (accuracy, samples):
    r · exp(± z √(Σ (1 − p) / (n p))) (Katz et al. 1978, "Obtaining confidence intervals for the risk ratio in cohort
    studies", Biometrics 34). Both sides were asked about the same samples more often than not, so it is a wide one.
    """
    if ratio.value is None or not all(accuracy > 0 and samples for accuracy, samples in (base, other)):
        return replace(ratio, low=None, high=None)
    error = math.sqrt(sum((1 - accuracy) / (samples * accuracy) for accuracy, samples in (base, other)))
    far = math.exp(Z * error)
    ends = (ratio.value / far, ratio.value * far)
    return replace(
        ratio,
        low=ends[0] if ratio.low is None else min(ratio.low, ends[0]),
        high=ends[1] if ratio.high is None else max(ratio.high, ends[1]),
    )


def _values(metric: Metric, runs: Sequence[RunSummary]) -> tuple[float, ...]:
    """Of each run; none where one of them has none."""
    values = [value for run in runs if (value := metric.read(run)) is not None]
    return tuple(values) if len(values) == len(runs) else ()


def _comparison(
    metric: Metric,
    base: tuple[float, ...],
    other: tuple[float, ...],
    samples: tuple[int, ...],
    *,
    paired: bool,
    within: float,
) -> MetricComparison:
    ratio = ratio_interval(base, other, paired=paired)
    if metric.name == "accuracy":
        means = (math.fsum(values) / len(values) for values in (base, other))
        ratio = with_sampling_error(ratio, *zip(means, samples, strict=True))
    higher = metric.better == "higher"
    verdict = verdict_of(ratio, higher_is_better=higher, within=within)
    return MetricComparison(
        name=metric.name,
        label=metric.label,
        unit=metric.unit,
        higher_is_better=higher,
        base=base,
        other=other,
        ratio=ratio,
        paired=paired,
        verdict=verdict,
        why=_why(ratio, len(base), len(other), within) if verdict == "cannot tell" else "",
    )


def _why(ratio: Interval, base: int, other: int, within: float) -> str:
    if ratio.value is None:
        return "a ratio to zero"
    if min(base, other) < LEAST:
        counts = f"{base}" if base == other else f"{base} and {other}"
        return f"{counts} run{'' if base == other == 1 else 's'} a side, at least {LEAST} are needed: --repeats 5"
    if ratio.low is None:
        return "its ratio has no interval: a side may be zero, or it is not known of how many samples it is"
    return f"the interval holds 1 and is wider than ±{percent(within * 100)}: more repeats"
