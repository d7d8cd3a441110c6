"""`--fail-if "throughput<-2%, p99>5%"`: conditions on the change of a metric, for a pipeline that must stop.

A condition is met where the change itself (ratio − 1) is beyond the limit, and the verdict is `better` or `worse`: the
interval of the ratio excludes 1. Where nothing can be told and the change may be beyond the limit, the condition is
undecided, which is said and fails nothing. Results that are not comparable fail: a gate that cannot judge stays shut.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from app.session.results.comparison import Comparison, MetricComparison, Pair
from app.session.results.metrics import METRICS

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "throughput": ("samples_per_s", "flops_per_s", "counted_bytes_per_s"),
    "tokens": ("tokens_per_s",),
    "latency": ("latency_p50_ms",),
    "step": ("step_p50_ms",),
    **{name: (f"latency_{name}_ms", f"step_{name}_ms") for name in ("p50", "p90", "p95", "p99")},
    "p99.9": ("latency_p99_9_ms",),
    "ttft": ("ttft_p50_ms",),
    "tpot": ("tpot_p50_ms",),
    "itl": ("itl_p50_ms",),
    "loss": ("held_out_loss",),
    "energy": ("joules_per_sample",),
}
"""What a person says → the metrics that it can mean; those that a workload has are looked at."""

_CONDITION: Final = re.compile(r"(?P<name>[\w.]+)\s*(?P<side>[<>])\s*(?P<percent>[+-]?\d+(?:\.\d+)?)\s*%")


class Condition(NamedTuple):
    """One of them."""

    text: str
    metrics: tuple[str, ...]
    side: Literal["<", ">"]
    change: float
    """As a part of 1: −0.02."""


def parse(given: str) -> tuple[Condition, ...]:
    """All that stand between commas. Raises ValueError with what is allowed."""
    return tuple(_parse(text.strip()) for text in given.split(",") if text.strip())


def judge(conditions: Sequence[Condition], comparison: Comparison) -> tuple[list[str], list[str]]:
    """What is met, and what cannot be decided, in words; so are conditions that no pair has a metric for, and what one
    side alone has, such as a workload that failed on the other.
    """
    failed: list[str] = []
    undecided: list[str] = []
    for condition in conditions:
        looked = [
            (pair, metric) for pair in comparison.pairs for metric in pair.metrics if metric.name in condition.metrics
        ]
        if not looked:
            undecided.append(f"{condition.text}: nothing that is compared has this metric")
        for pair, metric in looked:
            change = None if metric.ratio.value is None else metric.ratio.value - 1
            words = f"{condition.text}: {_words(pair, metric, change)}"
            if change is not None and _beyond(change, condition) and metric.verdict in ("better", "worse"):
                failed.append(words)
            elif metric.verdict == "cannot tell" and _may_be(metric, condition):
                undecided.append(f"{words}, but {metric.why}" if metric.why else words)
    if conditions:
        undecided += [f"{alone}: it is held against nothing" for alone in comparison.alone]
        failed += [
            f"{caution.message}; {caution.remedy}"
            for caution in comparison.cautions
            if caution.kind == "not-comparable"
        ]
    return failed, undecided


def _parse(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(
            f"--fail-if {text!r} is no condition: a metric, < or >, and a change in per cent, as in 'throughput<-2%'"
        )
    name, change = match["name"], float(match["percent"]) / 100
    known = {metric.name for metric in METRICS}
    metrics = ALIASES.get(name) or ((name,) if name in known else ())
    if not metrics:
        raise ValueError(f"--fail-if knows no metric {name!r}; it knows {', '.join((*ALIASES, *sorted(known)))}")
    return Condition(text, metrics, "<" if match["side"] == "<" else ">", change)


def _beyond(change: float, condition: Condition) -> bool:
    return change < condition.change if condition.side == "<" else change > condition.change


def _may_be(metric: MetricComparison, condition: Condition) -> bool:
    """Whether the change may be beyond the limit, for all that is known."""
    low, high = metric.ratio.low, metric.ratio.high
    if low is None or high is None:
        return True
    return _beyond((low if condition.side == "<" else high) - 1, condition)


def _words(pair: Pair, metric: MetricComparison, change: float | None) -> str:
    said = "no ratio" if change is None or not math.isfinite(change) else f"{100 * change:+.1f} %"
    return f"{metric.label} of {pair.other_title} ({pair.other_label}) is {said} against {pair.base_label}"
